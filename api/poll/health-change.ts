import { z } from 'zod';

/** A number as the Graph API shows it: `GET /<phone_number_id>?fields=…`. Fields that are not there are not known. */
export const numberSchema = z.object({
  id: z.string(),
  display_phone_number: z.string().optional(),
  quality_rating: z.string().optional(),
  status: z.string().optional(),
  messaging_limit_tier: z.string().optional(),
  whatsapp_business_manager_messaging_limit: z.string().optional(),
  throughput: z.object({ level: z.string() }).optional(),
  health_status: z
    .object({
      can_send_message: z.string(),
      entities: z
        .array(
          z.object({
            entity_type: z.string(),
            id: z.string(),
            can_send_message: z.string(),
            errors: z.array(z.object({ error_code: z.number().optional(), error_description: z.string().optional() })).optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});
export type NumberHealth = z.output<typeof numberSchema>;
export const numberFields = [
  ...['display_phone_number', 'quality_rating', 'status', 'messaging_limit_tier'],
  ...['whatsapp_business_manager_messaging_limit', 'throughput', 'health_status'],
];

/** A template as `GET /<waba_id>/message_templates` shows it. */
export const templateSchema = z.object({
  id: z.string(),
  name: z.string(),
  language: z.string(),
  status: z.string(),
  category: z.string().optional(),
  quality_score: z.object({ score: z.string() }).optional(),
  rejected_reason: z.string().optional(),
});
export type TemplateHealth = z.output<typeof templateSchema>;
export const templateFields = ['name', 'language', 'status', 'category', 'quality_score', 'rejected_reason'];

/** One change in the form in which the platform's webhooks tell it. */
export interface HealthChange {
  field: string;
  value: Record<string, unknown>;
}

/** Says in every payload that it was read, not told. */
const read = { source: 'poll' };

/** What is new of a number since the last reading; all of it at the first one. */
export function numberChanges(before: NumberHealth | null, now: NumberHealth): HealthChange[] {
  const changes: HealthChange[] = [];
  const about = { phone_number_id: now.id, display_phone_number: now.display_phone_number, ...read };
  if (JSON.stringify(before) !== JSON.stringify(now)) {
    const { quality_rating, status, throughput, health_status } = now;
    const value = { quality_rating, previous_quality_rating: before?.quality_rating, status, throughput, health_status };
    changes.push({ field: 'phone_number_health', value: { ...about, ...value } });
  }
  // No webhook tells the rating. A number of low quality is what the platform calls flagged.
  if (isFlagged(now) !== (before === null ? null : isFlagged(before))) {
    const event = isFlagged(now) ? 'FLAGGED' : 'UNFLAGGED';
    changes.push({ field: 'phone_number_quality_update', value: { ...about, event, quality_rating: now.quality_rating } });
  }
  const limit = limitOf(now);
  if (limit !== null && limit !== (before === null ? null : limitOf(before))) {
    changes.push({ field: 'business_capability_update', value: { max_daily_conversations_per_business: limit, ...read } });
  }
  return changes;
}

/** What is new of a template since the last reading; all of it at the first one. */
export function templateChanges(before: TemplateHealth | null, now: TemplateHealth): HealthChange[] {
  const about = {
    message_template_id: now.id,
    message_template_name: now.name,
    message_template_language: now.language,
    ...read,
  };
  const changes: HealthChange[] = [];
  if (now.status !== before?.status) {
    const value = { ...about, event: now.status, reason: now.rejected_reason ?? 'NONE' };
    changes.push({ field: 'message_template_status_update', value });
  }
  const [score, previous] = [now.quality_score?.score, before?.quality_score?.score];
  if (score !== undefined && score !== previous) {
    const value = { ...about, previous_quality_score: previous ?? 'UNKNOWN', new_quality_score: score };
    changes.push({ field: 'message_template_quality_update', value });
  }
  if (before !== null && now.category !== before.category) {
    const value = { ...about, previous_category: before.category, new_category: now.category };
    changes.push({ field: 'template_category_update', value });
  }
  return changes;
}

const isFlagged = ({ quality_rating, status }: NumberHealth) => quality_rating === 'RED' || status === 'FLAGGED';

/** The messaging limit of the portfolio (since v24) or the older one of the number; null where it is not stated. */
function limitOf({ whatsapp_business_manager_messaging_limit, messaging_limit_tier }: NumberHealth): string | null {
  const said = whatsapp_business_manager_messaging_limit ?? messaging_limit_tier ?? '';
  return /^TIER_([0-9]+K?|UNLIMITED)$/.test(said) ? said : null;
}
