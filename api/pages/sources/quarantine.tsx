import { mayDo } from '../../roles.ts';
import { PlainTable } from '../view/plain-table.tsx';
import type { Source } from './source.ts';

const limit = 50;

/** What was set aside, and why. The bytes hold personal data: they are shown to those who run the works, the count to everybody. */
export const quarantine: Source = async ({ warehouse, words, role }) => {
  const { t } = words;
  if (!mayDo(role, 'operate')) {
    const { quarantined } = await warehouse.status();
    return {
      view: (
        <p class="quiet">
          {quarantined === 0 ? t('quarantine.none') : t('quarantine.count', { n: quarantined })} {t('quarantine.operate')}
        </p>
      ),
    };
  }
  const rows = await warehouse.quarantineList(limit);
  if (rows.length === 0) return { view: <p class="good">✓ {t('quarantine.none')}</p> };
  return {
    view: (
      <PlainTable
        title={t('quarantine.title')}
        words={words}
        head={[
          { label: t('quarantine.place') },
          { label: t('quarantine.received') },
          { label: t('quarantine.kind') },
          { label: t('quarantine.reason') },
          { label: t('quarantine.begins') },
        ]}
        rows={rows.map((row) => ({
          key: `${row.partition}:${row.offset}:${row.item}`,
          cells: [
            `${row.partition}:${row.offset}:${row.item}`,
            words.dateTime(row.received_at),
            row.kind,
            <span key="reason">
              {row.reason}
              <span class="note"> {row.detail}</span>
            </span>,
            <code key="begins">{row.excerpt.slice(0, 80)}</code>,
          ],
        }))}
      />
    ),
    table: {
      header: ['partition', 'offset', 'item', 'kind', 'received_at', 'reason', 'detail'],
      rows: rows.map((row) => [row.partition, row.offset, row.item, row.kind, row.received_at, row.reason, row.detail]),
    },
  };
};
