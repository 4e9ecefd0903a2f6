import type { Words } from '../words.ts';

/** The first day: nothing has come in, and this is what to do. `origin` is the address that the reader came by. */
export function FirstDay({ words, origin }: { words: Words; origin: string }) {
  const { t } = words;
  const campaign = `curl -X PUT ${origin}/v1/campaigns/spring \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "Spring sale", "category": "marketing"}'`;
  return (
    <section class="first-day" aria-labelledby="first-day">
      <h2 id="first-day">{t('empty.title')}</h2>
      <p>{t('empty.text')}</p>
      <ol>
        <li>
          <h3>{t('empty.webhook.title')}</h3>
          <p>{t('empty.webhook.text')}</p>
          <pre>
            <code>{`${origin}/webhooks/whatsapp`}</code>
          </pre>
        </li>
        <li>
          <h3>{t('empty.campaign.title')}</h3>
          <p>{t('empty.campaign.text')}</p>
          <pre>
            <code>{campaign}</code>
          </pre>
        </li>
        <li>
          <h3>{t('empty.demo.title')}</h3>
          <p>{t('empty.demo.text')}</p>
          <pre>
            <code>npm run demo</code>
          </pre>
        </li>
      </ol>
    </section>
  );
}

/** There is data, but not in the range that is asked for. */
export function EmptyRange({ words, watermark }: { words: Words; watermark: string }) {
  return (
    <section class="panel">
      <h2>{words.t('empty.range.title')}</h2>
      <p>{words.t('empty.range.text', { time: words.dateTime(watermark) })}</p>
    </section>
  );
}
