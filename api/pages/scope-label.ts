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
    const parts = values.map((value, index) => {
      if (ofCampaign && index === 0) return value === null ? words.t('campaign.none') : (names.get(value) ?? value);
      if (value === null) return '–';
      return kind === 'market' ? words.country(value) : value;
    });
    const label = { label: parts.join(' · '), kind: words.t(`control.kind.${kind}`) };
    const [campaign] = values;
    return ofCampaign && campaign != null && names.has(campaign)
      ? { ...label, href: `/campaigns/${encodeURIComponent(campaign)}` }
      : label;
  };
}
