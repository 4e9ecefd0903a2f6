import { wholeMinute } from '../../whole-minute.ts';
import { PlainTable } from '../view/plain-table.tsx';
import type { Source } from './source.ts';

const [minutes, limit, shown] = [120, 100, 25];

/** Customers who wait for an answer for two hours or longer, dearest first; as `GET /v1/service/unanswered`. */
export const unanswered: Source = async ({ warehouse, words, now }) => {
  const { t } = words;
  const found = await warehouse.unanswered({ at: wholeMinute(now.getTime()), minutes, limit });
  const waiting = found.waiting.slice(0, limit);
  if (waiting.length === 0) return { view: <p class="quiet">{t('unanswered.none')}</p> };
  const spent = (micros: string | null, currency: string | null) =>
    micros === null ? '—' : `${words.decimal(Number(micros) / 1e6, 2)} ${currency ?? ''}`.trim();
  const band = (name: string) => words.member('value_band', name);
  return {
    view: (
      <>
        <PlainTable
          title={t('unanswered.title')}
          words={words}
          head={[
            { label: t('unanswered.who') },
            { label: t('unanswered.waits'), number: true },
            { label: t('unanswered.messages'), number: true },
            { label: t('unanswered.worth') },
            { label: t('unanswered.spent'), number: true },
            { label: t('dimension.phone_number') },
          ]}
          rows={waiting.slice(0, shown).map((one, at) => ({
            key: `${one.contact_id ?? ''} ${one.phone_ending ?? ''} ${one.since} ${at}`,
            cells: [
              one.contact_id ?? (one.phone_ending === null ? t('unanswered.unknown') : `… ${one.phone_ending}`),
              words.duration(one.minutes * 60),
              words.count(one.messages),
              band(one.value_band),
              spent(one.spent_micros, one.currency),
              one.phone_number_id ?? '—',
            ],
          }))}
        />
        {waiting.length > shown ? <p class="quiet">{t('unanswered.more', { n: shown, all: waiting.length })}</p> : null}
      </>
    ),
    table: {
      header: [
        'contact_id',
        'phone_ending',
        'phone_number_id',
        'since',
        'minutes',
        'messages',
        'value_band',
        'currency',
        'spent_micros',
        'orders',
      ],
      rows: waiting.map((one) => [
        one.contact_id,
        one.phone_ending,
        one.phone_number_id,
        one.since,
        one.minutes,
        one.messages,
        one.value_band,
        one.currency,
        one.spent_micros,
        one.orders,
      ]),
    },
  };
};
