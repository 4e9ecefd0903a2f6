import type { Decision } from '../../../controller/decision.ts';
import { explain } from '../../../controller/explain.ts';
import { type ScopeId, scopeId } from '../../../controller/scope.ts';
import { brakeBandSpec } from '../../../dashboards/charts/brake-band.ts';
import { translateIfKnown } from '../../../dashboards/locales/locale.ts';
import { campaignOf } from '../../control-scope.ts';
import { campaignSpan } from '../campaign-span.ts';
import type { NamedChart } from '../charts.ts';
import { clockAsUtc } from '../rate-points.ts';
import { PlainTable } from '../view/plain-table.tsx';
import type { Words } from '../words.ts';
import type { Source } from './source.ts';

const [mostScopes, mostDecisions, mostListed] = [8, 1000, 30];

/** When the brake held a campaign or one of its streams, on the time axis of the page, and why. */
export const brakeHistory: Source = async ({ warehouse, control, campaign, filters, words, now }) => {
  const { t } = words;
  if (campaign === null) return { view: <p class="quiet">{t('control.decisions.none')}</p> };
  const own = scopeId('campaign', campaign.campaign_id);
  const streams = (control.brain?.views() ?? [])
    .map(({ scope }) => scope)
    .filter((scope) => scope !== own && campaignOf(scope) === campaign.campaign_id);
  const scopes: ScopeId[] = [own, ...streams].slice(0, mostScopes);
  const found = await warehouse.decisions({ scopes, changes: true, limit: mostDecisions, before_seq: null });
  const until = filters.to?.getTime() ?? now.getTime();
  const decisions = found.filter(({ at }) => at <= until);
  const shown = decisions.filter(({ at }) => at >= filters.from.getTime());
  if (shown.length === 0) return { view: <p class="quiet">{t('brake.quiet')}</p> };
  const chart = bands(decisions, { from: filters.from.getTime(), until, domain: campaignSpan(campaign, filters, now) }, words);
  const label = (mode: string) => translateIfKnown(words.language, `control.state.${mode}`) ?? mode;
  return {
    ...(chart === null ? {} : { chart }),
    view: (
      <details class="behind">
        <summary>{t('brake.list', { n: shown.length })}</summary>
        <PlainTable
          title={t('control.decisions')}
          words={words}
          head={[
            { label: t('control.decision.at') },
            { label: t('control.scope') },
            { label: t('control.state') },
            { label: t('control.decision.limit'), number: true },
            { label: t('control.why') },
          ]}
          rows={shown.slice(0, mostListed).map((one) => ({
            key: one.decision_id,
            cells: [
              words.dateTime(new Date(one.at).toISOString()),
              scopeName(one.scope),
              label(one.next.mode),
              one.limit === null ? t('control.decision.unbound') : words.count(one.limit),
              explain(one, words.language),
            ],
          }))}
        />
      </details>
    ),
    table: {
      header: ['at', 'scope', 'from', 'to', 'limit', 'reason'],
      rows: shown.map((one) => [
        new Date(one.at).toISOString(),
        one.scope,
        one.before.mode,
        one.next.mode,
        one.limit,
        explain(one, 'en'),
      ]),
    },
  };
};

/** Per scope the spans of its states, each until the next decision. */
function bands(
  decisions: Decision[],
  range: { from: number; until: number; domain: [number, number] },
  words: Words,
): NamedChart | null {
  const label = (mode: string) => translateIfKnown(words.language, `control.state.${mode}`) ?? mode;
  const clock = (at: number) => clockAsUtc(new Date(at).toISOString(), words.zone);
  const rows = [...new Set(decisions.map(({ scope }) => scope))].flatMap((scope) => {
    const told = decisions.filter((one) => one.scope === scope).sort((a, b) => a.at - b.at);
    return told.flatMap((one, at) => {
      const start = Math.max(one.at, range.from);
      const end = Math.min(told[at + 1]?.at ?? range.until, range.until);
      if (end <= start) return [];
      return [
        {
          at: clock(start),
          until: clock(end),
          scope: scopeName(scope),
          state: label(one.limit === 0 && one.owner !== 'controller' ? 'stopped' : one.next.mode),
          time: words.dateTime(new Date(one.at).toISOString()),
          why: explain(one, words.language),
        },
      ];
    });
  });
  if (rows.length === 0) return null;
  const states = ['open', 'recovering', 'probing', 'throttled', 'paused', 'stopped'].map(label);
  return {
    name: '',
    chart: {
      spec: brakeBandSpec({
        states,
        domain: range.domain,
        titles: { time: words.t('control.decision.at'), state: words.t('control.state'), why: words.t('control.why') },
      }),
      rows,
    },
    description: words.t('brake.description', { n: rows.length }),
  };
}

function scopeName(scope: ScopeId): string {
  return scope.replace(/^stream:/, '');
}
