import { lagOf } from '../../health.ts';
import { FactList } from '../view/fact-list.tsx';
import { PlainTable } from '../view/plain-table.tsx';
import type { Source } from './source.ts';

/** How far the warehouse is behind the log, and how old its newest event is. */
export const freshness: Source = async ({ warehouse, words, now }) => {
  const { t } = words;
  const { positions, watermark, records_applied, quarantined, unmodelled, models, file_bytes } = await warehouse.status();
  const age = watermark === null ? null : Math.max(0, (now.getTime() - Date.parse(watermark)) / 1000);
  const lag = lagOf(positions);
  const built = models
    .map(({ finished_at }) => finished_at)
    .filter((at) => at !== null)
    .sort();
  const facts: [string, string][] = [
    [
      t('works.watermark'),
      watermark === null ? '—' : `${words.dateTime(watermark)} (${t('works.ago', { time: words.duration(age ?? 0) })})`,
    ],
    [t('works.lag'), t('works.records', { n: lag })],
    [t('works.built'), built.length === 0 ? '—' : words.dateTime(built.at(-1) ?? '')],
    [t('works.stale'), words.count(models.filter(({ stale }) => stale).length)],
    [t('works.applied'), words.count(records_applied)],
    [t('works.quarantined'), words.count(quarantined)],
    [t('works.unmodelled'), words.count(unmodelled)],
    [t('works.size'), `${words.decimal(file_bytes / 2 ** 20, 1)} MiB`],
  ];
  return {
    view: (
      <>
        <FactList facts={facts} />
        <PlainTable
          title={t('works.positions')}
          words={words}
          head={[
            { label: t('works.partition') },
            { label: t('works.position'), number: true },
            { label: t('works.end'), number: true },
            { label: t('works.lag'), number: true },
          ]}
          rows={positions.map(({ partition, applied, end, lag: behind }) => ({
            key: partition,
            cells: [partition, applied, end, behind],
          }))}
        />
      </>
    ),
    table: {
      header: ['partition', 'applied', 'end', 'lag'],
      rows: positions.map(({ partition, applied, end, lag: behind }) => [partition, applied, end, behind]),
    },
  };
};
