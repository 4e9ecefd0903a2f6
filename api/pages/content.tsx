import type { ScopeStateAnswer } from '../control-schema.ts';
import type { CampaignSummary } from '../warehouse.ts';
import { type Filters, filterParams } from './filters.ts';
import { type Answered, askPanels, type PanelAsk } from './panels.ts';
import { CampaignHeader } from './view/campaign-header.tsx';
import type { Choice } from './view/controls.tsx';
import { EmptyRange, FirstDay } from './view/empty.tsx';
import { FreshnessLine } from './view/freshness.tsx';
import { type Members, PanelSection } from './view/panel.tsx';
import { mainAnswer } from './view/panel-foot.tsx';
import type { Member } from './view/table.tsx';
import type { Words } from './words.ts';

/** What the content of a page is made from. */
export interface Ask extends PanelAsk {
  /** Scheme, host and port that the reader came by. */
  origin: string;
  /** The path of the page's content as JSON. */
  base: string;
  /** Where the campaign of the page stands with the brake. */
  brake: ScopeStateAnswer | null;
}

/** Campaigns offered for a comparison: the newest. */
const mostRivals = 100;

/** The content of a dashboard's page: freshness and panels, or what to do on the first day. */
export async function dashboardContent(asked: Ask) {
  const { warehouse, dashboard, filters, words, origin, campaign, brake, base } = asked;
  const [answered, campaigns] = await Promise.all([askPanels(asked), warehouse.campaigns()]);
  const { freshness } = answered;
  if (dashboard.name === 'overview' && campaigns.length === 0 && freshness.watermark === null)
    return { content: <FirstDay words={words} origin={origin} />, choices: [], rivals: [] };
  const names = campaignMembers(campaigns, filters, words);
  const members: Members = { campaign: names, ...(campaign === null ? {} : armMembers(campaign, words)) };

  const asks = dashboard.panels.some((panel) => 'query' in panel);
  const content = (
    <>
      {asks ? <FreshnessLine freshness={freshness} words={words} /> : null}
      {campaign === null ? null : <CampaignHeader campaign={campaign} brake={brake} words={words} />}
      {dashboard.note === undefined ? null : <p class="lead">{words.text(dashboard.note)}</p>}
      <Panels
        answered={answered}
        members={members}
        filters={filters}
        words={words}
        base={base}
        campaign={campaign?.campaign_id ?? null}
      />
    </>
  );
  const rivals = campaign === null ? [] : campaigns.filter(({ campaign_id }) => campaign_id !== campaign.campaign_id);
  return {
    content,
    choices: choicesOf(answered, names, words),
    rivals: rivals.slice(0, mostRivals).map(({ campaign_id, name }) => ({ id: campaign_id, label: name ?? campaign_id })),
  };
}

interface PanelsProps {
  answered: Answered;
  members: Members;
  filters: Filters;
  words: Words;
  base: string;
  campaign: string | null;
}

function Panels({ answered, members, filters, words, base, campaign }: PanelsProps) {
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
              base={base}
              campaign={campaign}
            />
          ))}
      </div>
    </>
  );
}

/** Whether a panel has anything to show; one that failed has its problem. */
function hasRows(data: Answered['panels'][number]): boolean {
  if (data.kind === 'failed' || data.kind === 'source') return true;
  if (data.kind === 'funnel' || data.kind === 'figures')
    return Object.values(data.total.rows[0]?.metrics ?? {}).some(({ value }) => value !== null && value > 0);
  return (mainAnswer(data)?.rows.length ?? 0) > 0;
}

function armMembers(campaign: NonNullable<Ask['campaign']>, { t }: Words): Members {
  const arms = campaign.arms.map(({ id, name, holdout }): [string, Member] => [
    id,
    { label: name ?? id, ...(holdout ? { note: t('campaign.arm.holdout') } : {}) },
  ]);
  return arms.length === 0 ? {} : { variant: new Map(arms) };
}

function choicesOf({ choices }: Answered, campaigns: ReadonlyMap<string, Member>, words: Words): Choice[] {
  const label = (dimension: string, id: string) =>
    (dimension === 'campaign' ? campaigns.get(id)?.label : undefined) ?? words.member(dimension, id);
  return [...choices].map(([dimension, ids]) => ({
    dimension,
    values: ids.map((id) => ({ id, label: label(dimension, id) })).sort((a, b) => a.label.localeCompare(b.label, words.language)),
  }));
}

function campaignMembers(campaigns: CampaignSummary[], filters: Filters, words: Words): ReadonlyMap<string, Member> {
  const params = filterParams({ ...filters, sort: null, where: {} });
  return new Map(
    campaigns.map(({ campaign_id, name, objective, category, registered }): [string, Member] => {
      const notes = registered
        ? [objective, category === null ? null : words.member('category', category)]
        : [words.t('campaign.unregistered')];
      const note = notes.filter((part) => part !== null && part !== '').join(' · ');
      const member = { label: name ?? campaign_id, href: `/campaigns/${encodeURIComponent(campaign_id)}${params}` };
      return [campaign_id, note === '' ? member : { ...member, note }];
    }),
  );
}
