import type { CampaignPlan } from './campaign.ts';
import type { Platform } from './platform.ts';

/** The platform tells of a template of ours: field `message_template_status_update` or `message_template_quality_update`. */
export function templateNews(
  platform: Platform,
  plan: CampaignPlan,
  field: 'status' | 'quality',
  value: Record<string, unknown>,
): void {
  const { template } = plan;
  platform.news(`message_template_${field}_update`, {
    ...value,
    message_template_id: template.id,
    message_template_name: template.name,
    message_template_language: template.language,
  });
}

/** The quality score of a template changes. */
export function qualityNews(platform: Platform, plan: CampaignPlan, from: string, to: string): void {
  templateNews(platform, plan, 'quality', { previous_quality_score: from, new_quality_score: to });
}
