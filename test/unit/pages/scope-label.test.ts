import { expect, it } from 'vitest';
import { scopeLabels } from '../../../api/pages/scope-label.ts';
import { makeWords } from '../../../api/pages/words.ts';
import type { CampaignSummary } from '../../../api/warehouse.ts';

const campaign = { campaign_id: 'sale', name: 'Spring sale' } as CampaignSummary;
const [en, fr] = (['en', 'fr'] as const).map((language) => scopeLabels([campaign], makeWords(language, 'UTC')));

it.each([
  ['campaign:sale', 'Spring sale', 'Spring sale'],
  ['stream:sale/hello/vip', 'Spring sale · hello · vip', 'Spring sale · hello · vip'],
  ['stream:-/-/-', 'No campaign named · – · –', 'Sans campagne · – · –'],
  ['market:DE', 'Germany', 'Allemagne'],
  ['market:XX1', 'XX1', 'XX1'],
  ['template:DE', 'DE', 'DE'],
])('%s is shown as %s', (scope, inEnglish, inFrench) => {
  expect([en?.(scope).label, fr?.(scope).label]).toEqual([inEnglish, inFrench]);
});
