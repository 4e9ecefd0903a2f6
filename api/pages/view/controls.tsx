import { comparisonText, type Filters, filterParams, ranges } from '../filters.ts';
import type { Words } from '../words.ts';

/** Zones offered in the form; any other IANA name may be typed. */
const zones = [
  'UTC',
  'America/Sao_Paulo',
  'America/Mexico_City',
  'America/New_York',
  'America/Los_Angeles',
  'America/Bogota',
  'Europe/London',
  'Europe/Paris',
  'Europe/Berlin',
  'Europe/Madrid',
  'Europe/Istanbul',
  'Africa/Lagos',
  'Africa/Nairobi',
  'Africa/Johannesburg',
  'Asia/Dubai',
  'Asia/Karachi',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Jakarta',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Australia/Sydney',
];

export interface ControlsProps {
  filters: Filters;
  words: Words;
  /** What the page can be narrowed by, with the values to choose from. */
  choices: readonly Choice[];
  /** Campaigns that this one can be compared with. */
  rivals: readonly Choice['values'][number][];
  /** Whether it can be shown beside the period before. */
  comparable: boolean;
}

/** A dimension with its values as the reader knows them. */
export interface Choice {
  dimension: string;
  values: readonly { id: string; label: string }[];
}

/** The time range: links for the usual ones, a form for any other. All of it is in the address, and none of it needs a script. */
export function Controls({ filters, words, choices, rivals, comparable }: ControlsProps) {
  const { t } = words;
  const from = (filters.range === '24h' ? words.dateTime : words.day)(filters.from.toISOString());
  const said =
    filters.to === undefined
      ? t('filter.since', { from })
      : t('filter.between', { from, to: words.day(new Date(filters.to.getTime() - 1).toISOString()) });
  return (
    <div class="controls">
      <nav aria-label={t('filter.label')} class="ranges">
        {ranges.map((range) => (
          <a key={range} href={filterParams(filters, { range })} aria-current={range === filters.range ? 'true' : undefined}>
            {t(`filter.${range}`)}
          </a>
        ))}
      </nav>
      {comparable ? (
        <a
          class="toggle"
          href={filterParams(filters, { compare: filters.compare === 'previous' ? '' : 'previous' })}
          aria-current={filters.compare === 'previous' ? 'true' : undefined}
        >
          {filters.compare === 'previous' ? '☑' : '☐'} {t('filter.compare')}
        </a>
      ) : null}
      <details class="dates" open={filters.range === 'custom' || undefined}>
        <summary>{t('filter.dates')}</summary>
        <form method="get">
          <label>
            {t('filter.from')}
            <input type="date" name="from" value={filters.days.from} required />
          </label>
          <label>
            {t('filter.to')}
            <input type="date" name="to" value={filters.days.to} required />
          </label>
          <label>
            {t('filter.zone')}
            <input name="zone" value={filters.zone} list="zones" autocomplete="off" spellcheck={false} />
          </label>
          <datalist id="zones">
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
          <input type="hidden" name="range" value="custom" />
          <Compare filters={filters} />
          <Where filters={filters} />
          {filters.sort === null ? null : <input type="hidden" name="sort" value={filters.sort} />}
          <button type="submit">{t('filter.show')}</button>
        </form>
      </details>
      {choices.length === 0 ? null : (
        <details class="dates narrow" open={Object.keys(filters.where).length > 0 || undefined}>
          <summary>{t('filter.narrow')}</summary>
          <form method="get">
            {choices.map(({ dimension, values }) => (
              <label key={dimension}>
                {words.dimension(dimension)}
                <select name={dimension}>
                  <option value="">{t('filter.all')}</option>
                  {values.map(({ id, label }) => (
                    <option key={id} value={id} selected={filters.where[dimension]?.includes(id)}>
                      {label}
                    </option>
                  ))}
                </select>
              </label>
            ))}
            <Range filters={filters} />
            <Compare filters={filters} />
            <button type="submit">{t('filter.show')}</button>
          </form>
        </details>
      )}
      {rivals.length === 0 ? null : (
        <details class="dates rivals" open={typeof filters.compare === 'object' && filters.compare !== null ? true : undefined}>
          <summary>{t('filter.rival')}</summary>
          <form method="get">
            <label>
              {t('filter.rival.label')}
              <select name="compare">
                <option value="">{t('filter.rival.none')}</option>
                {rivals.map(({ id, label }) => (
                  <option key={id} value={comparisonText({ campaign: id })} selected={isRival(filters, id)}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
            <Range filters={filters} />
            <Where filters={filters} />
            <button type="submit">{t('filter.show')}</button>
          </form>
        </details>
      )}
      <p class="said">{filters.range === '24h' ? said : `${said} · ${filters.zone}`}</p>
      {filters.problems.map(({ key, value }) => (
        <p key={key} class="problem" role="alert">
          {t(key, { value })}
        </p>
      ))}
    </div>
  );
}

function isRival({ compare }: Filters, id: string): boolean {
  return compare !== null && compare !== 'previous' && compare.campaign === id;
}

/** What a form must not lose that does not set it: the range, the comparison, what the page is narrowed by. */
function Range({ filters }: { filters: Filters }) {
  return (
    <>
      <input type="hidden" name="range" value={filters.range} />
      {filters.range === 'custom' ? (
        <>
          <input type="hidden" name="from" value={filters.days.from} />
          <input type="hidden" name="to" value={filters.days.to} />
        </>
      ) : null}
      {filters.zone === 'UTC' ? null : <input type="hidden" name="zone" value={filters.zone} />}
      {filters.sort === null ? null : <input type="hidden" name="sort" value={filters.sort} />}
    </>
  );
}

function Compare({ filters: { compare } }: { filters: Filters }) {
  return compare === null ? null : <input type="hidden" name="compare" value={comparisonText(compare)} />;
}

function Where({ filters }: { filters: Filters }) {
  return (
    <>
      {Object.entries(filters.where).flatMap(([name, values]) =>
        values.map((value) => <input key={`${name} ${value}`} type="hidden" name={name} value={value} />),
      )}
    </>
  );
}
