import type { Drill } from '../drill.ts';
import { errorClasses, explainCode } from '../error-codes.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Messages } from './rate.tsx';
import { Scroll } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'failures' }>;
  words: Words;
  drill: Drill;
}

/** Failed messages by class and code: whose matter each is, what it means, how many. */
export function Failures({ data, words, drill }: Props) {
  const { t } = words;
  const title = words.text(data.panel.title);
  const metric = data.panel.query.metrics[0] ?? '';
  const failures = data.failures.rows.map(({ dimensions, metrics }) => {
    const code = dimensions['error_code'] == null ? null : Number(dimensions['error_code']);
    return { code, messages: metrics[metric]?.value ?? 0, ...explainCode(code, words.language) };
  });
  const all = failures.reduce((sum, { messages }) => sum + messages, 0);
  if (all === 0) return <p class="quiet">{t('failures.none')}</p>;
  const classes = errorClasses
    .map((name) => {
      const rows = failures.filter((row) => row.class === name).sort((a, b) => b.messages - a.messages);
      return { name, rows, messages: rows.reduce((sum, { messages }) => sum + messages, 0) };
    })
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => b.messages - a.messages);
  return (
    <Scroll title={title} words={words}>
      <table class="failures">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('failures.code')}</th>
            <th scope="col">{t('failures.meaning')}</th>
            <th scope="col" class="number">
              {t('failures.messages')}
            </th>
            <th scope="col" class="number">
              {t('failures.share')}
            </th>
          </tr>
        </thead>
        {classes.map(({ name, rows, messages }) => (
          <tbody key={name} data-key={name}>
            <tr class="class">
              <th scope="rowgroup" colSpan={2}>
                {t(`class.${name}`)} <span class="note">{t(`class.${name}.text`)}</span>
              </th>
              <td class="number">{words.count(messages)}</td>
              <td class="number">{words.percent(messages / all)}</td>
            </tr>
            {rows.map(({ code, meaning, messages: count }) => (
              <tr key={code ?? ''} data-key={code ?? ''}>
                <th scope="row" class="code">
                  {code ?? '—'}
                </th>
                <td class="meaning">{meaning ?? t(code === null ? 'failures.unknown' : 'failures.unlisted')}</td>
                <td class="number">
                  <Messages
                    href={drill(metric, { dimension: 'error_code', value: code === null ? null : String(code) })}
                    words={words}
                  >
                    {words.count(count)}
                  </Messages>
                </td>
                <td class="number">{words.percent(count / all)}</td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </Scroll>
  );
}
