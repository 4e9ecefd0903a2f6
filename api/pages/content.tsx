import type { ScopeStateAnswer } from '../control-schema.ts';
import type { CampaignDetail, CampaignSummary, Warehouse } from '../warehouse.ts';
import type { Dashboard } from './dashboard.ts';
import { type Filters, filterParams } from './filters.ts';
import { type Answered, askPanels } from './panels.ts';
import { CampaignHeader, categoryLabel } from './view/campaign-header.tsx';
import { EmptyRange, FirstDay } from './view/empty.tsx';
import { FreshnessLine } from './view/freshness.tsx';
import { type Members, PanelSection } from './view/panel.tsx';
import type { Member } from './view/table.tsx';
import type { Words } from './words.ts';

/** What the content of a page is made from. */
export interface Ask {
  warehouse: Warehouse;
  dashboard: Dashboard;
  filters: Filters;
  words: Words;
  /** Scheme, host and port that the reader came by. */
  origin: string;
}

/** The overview's content: freshness and panels, or what to do on the first day. */
export async function overviewContent({ warehouse, dashboard, filters, words, origin }: Ask) {
  const [answered, campaigns] = await Promise.all([askPanels(warehouse, dashboard, filters, null), warehouse.campaigns()]);
  if (campaigns.length === 0 && answered.freshness.watermark === null) return <FirstDay words={words} origin={origin} />;
  return (
    <>
      <FreshnessLine freshness={answered.freshness} words={words} />
      <Panels
        answered={answered}
        members={{ campaign: campaignMembers(campaigns, filters, words) }}
        filters={filters}
        words={words}
      />
    </>
  );
}

/** A campaign's content: what it is, then its panels. */
export async function campaignContent(
  { warehouse, dashboard, filters, words }: Ask,
  campaign: CampaignDetail,
  brake: ScopeStateAnswer | null,
) {
  const answered = await askPanels(warehouse, dashboard, filters, campaign.campaign_id);
  const arms = new Map(
    campaign.arms.map(({ id, name, holdout }): [string, Member] => [
      id,
      { label: name ?? id, ...(holdout ? { note: words.t('campaign.arm.holdout') } : {}) },
    ]),
  );
  return (
    <>
      <FreshnessLine freshness={answered.freshness} words={words} />
      <CampaignHeader campaign={campaign} brake={brake} words={words} />
      <Panels answered={answered} members={arms.size === 0 ? {} : { variant: arms }} filters={filters} words={words} />
    </>
  );
}

function Panels({ answered, members, filters, words }: { answered: Answered; members: Members; filters: Filters; words: Words }) {
  const { panels, definitions, freshness } = answered;
  const nothing = freshness.watermark !== null && panels.every((data) => !hasRows(data));
  return (
    <>
      {nothing && freshness.watermark !== null ? <EmptyRange words={words} watermark={freshness.watermark} /> : null}
      <div class="panels">
        {panels
          .filter((data) => !nothing || (data.kind === 'table' && members[data.panel.query.by[0] ?? ''] !== undefined))
          .map((data) => (
            <PanelSection
              key={data.panel.id}
              data={data}
              definitions={definitions}
              members={members}
              filters={filters}
              words={words}
            />
          ))}
      </div>
    </>
  );
}

/** Whether a panel has anything to show; one that failed has its problem. */
function hasRows(data: Answered['panels'][number]): boolean {
  switch (data.kind) {
    case 'failed':
      return true;
    case 'failures':
      return data.failures.rows.length > 0;
    case 'rate_lines':
    case 'count_bars':
      return data.series.rows.length > 0;
    case 'funnel':
      return Object.values(data.total.rows[0]?.metrics ?? {}).some(({ value }) => value !== null && value > 0);
    case 'table':
    case 'vega_lite':
      return data.rows.rows.length > 0;
  }
}

function campaignMembers(campaigns: CampaignSummary[], filters: Filters, words: Words): ReadonlyMap<string, Member> {
  const params = filterParams({ ...filters, sort: null });
  return new Map(
    campaigns.map(({ campaign_id, name, objective, category, registered }): [string, Member] => {
      const notes = registered
        ? [objective, category === null ? null : categoryLabel(category, words)]
        : [words.t('campaign.unregistered')];
      const note = notes.filter((part) => part !== null && part !== '').join(' · ');
      const member = { label: name ?? campaign_id, href: `/campaigns/${encodeURIComponent(campaign_id)}${params}` };
      return [campaign_id, note === '' ? member : { ...member, note }];
    }),
  );
}
