import { parseScope, type ScopeId } from '../../controller/scope.ts';
import type { CampaignSummary } from '../warehouse.ts';
import type { Words } from './words.ts';

/** How a scope is shown: its name, what kind it is, and where its page is. */
export interface ScopeLabel {
  label: string;
  kind: string;
  href?: string;
}

/** Makes the labels: campaigns by their registered names. */
export function scopeLabels(campaigns: readonly CampaignSummary[], words: Words): (scope: ScopeId) => ScopeLabel {
  const names = new Map(campaigns.map(({ campaign_id, name }) => [campaign_id, name ?? campaign_id]));
  return (scope) => {
    const parsed = parseScope(scope);
    if (parsed === null) return { label: scope, kind: '' };
    const { kind, values } = parsed;
    const ofCampaign = kind === 'campaign' || kind === 'variant' || kind === 'stream';
    const parts = values.map((value, index) =>
      value === null ? '–' : ofCampaign && index === 0 ? (names.get(value) ?? value) : value,
    );
    const label = { label: parts.join(' · '), kind: words.t(`control.kind.${kind}`) };
    const [campaign] = values;
    return ofCampaign && campaign != null && names.has(campaign)
      ? { ...label, href: `/campaigns/${encodeURIComponent(campaign)}` }
      : label;
  };
}
