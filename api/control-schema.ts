import { z } from 'zod';
import { modes, rules } from '../controller/decision.ts';
import { signalNames } from '../controller/policy.ts';
import { parseScope, scopeKinds } from '../controller/scope.ts';

/** What the control endpoints take and give. Instants are ISO 8601; inside a stored decision they stay milliseconds since 1970. */
const instant = z.string();
const scope = z
  .string()
  .describe('<kind>:<id>, e.g. campaign:autumn-sale, or stream:<campaign>/<template>/<segment> with - for none');
const reason = z.object({
  code: z.string().describe('Stable'),
  sentence: z.string().describe('In the language asked for'),
  numbers: z.record(z.string(), z.union([z.number(), z.string()])),
});
const mode = z.enum(['shadow', 'enforce']).describe('shadow: decided and recorded, nothing is refused');

export const detectorSchema = z.object({
  signal: z.enum(signalNames),
  events: z.number().describe('What came'),
  observed: z.number().describe('Messages whose feedback was due, by the share due at their age'),
  expected: z.number().describe('Events that the accepted rate would give'),
  accept: z.number(),
  reject: z.number(),
  sum: z.number().describe('The CUSUM, in nats of evidence'),
  threshold: z.number().describe('It alarms when the sum reaches this'),
  posterior: z
    .object({ mean: z.number(), low: z.number(), high: z.number() })
    .nullable()
    .describe(
      'The rate of harm that came, Bayesian (Jeffreys), with its 95 % credible interval; null for shortfalls and without events',
    ),
});

export const scopeStateSchema = z.object({
  scope,
  kind: z.enum(scopeKinds),
  state: z.string().describe('open, throttled, paused, probing, recovering, stopped, limited …'),
  mode,
  window: z
    .object({
      allowed: z.number().nullable().describe('Most messages that may be out without matured feedback; null sets no bound'),
      used: z.number().describe('Sent, and their feedback not yet due'),
      leased: z.number().describe('Rights out under permits that still count'),
    })
    .describe('What may be out, and what is'),
  per_second: z.number().nullable(),
  rule: z.enum(rules),
  reason,
  since: instant.nullable().describe('Since when it is in this state'),
  until: instant.nullable().describe('When it ends by itself'),
  owner: z.string().describe('controller, or the role that set it'),
  evidence: z
    .object({
      as_of: instant,
      watermark: instant.describe('Up to when feedback is known'),
      sent: z.number(),
      matured: z.number(),
      detectors: z.array(detectorSchema),
      words: z.array(
        z.object({ code: z.string(), action: z.enum(['stop', 'no_growth']), at: instant, until: instant.nullable() }),
      ),
    })
    .nullable(),
});
export type ScopeStateAnswer = z.output<typeof scopeStateSchema>;
export type DetectorAnswer = z.output<typeof detectorSchema>;

export const overrideAnswerSchema = z.object({
  override_id: z.string(),
  scope,
  action: z.enum(['pause', 'limit', 'hold', 'resume']),
  window: z.number().nullable(),
  per_second: z.number().nullable(),
  reason: z.string(),
  actor: z.string(),
  at: instant,
  until: instant.nullable(),
});
export type OverrideView = z.output<typeof overrideAnswerSchema>;

export const alarmSchema = z.object({
  code: z.string(),
  scopes: z.array(scope),
  sentence: z.string(),
});
export type AlarmAnswer = z.output<typeof alarmSchema>;

export const controlSchema = z.object({
  controller: z.object({
    state: z.enum(['starting', 'running', 'failing', 'stopped']),
    mode,
    last_tick_at: instant.nullable(),
    snapshot_at: instant.nullable(),
    snapshot_age_seconds: z.number().nullable(),
    snapshot_ms: z.number().nullable(),
    lag_records: z.number().nullable(),
    ticks: z.number(),
    failures: z.number(),
  }),
  alarms: z.array(alarmSchema),
  scopes: z.array(scopeStateSchema),
  ledgers: z.array(
    z.object({
      portfolio_id: z.string().nullable(),
      people: z.number().describe('Different people written to outside service windows in the last 24 hours'),
      limit: z.number().nullable(),
    }),
  ),
  overrides: z.array(overrideAnswerSchema),
});
export type ControlAnswer = z.output<typeof controlSchema>;

export const decisionAnswerSchema = z.object({
  decision_id: z.string(),
  seq: z.number().int().describe('Counts up by one over all decisions: a gap shows'),
  scope,
  at: instant,
  mode,
  policy_hash: z.string(),
  rule: z.enum(rules),
  limit: z.number().nullable(),
  per_second: z.number().nullable(),
  reason,
  until: instant.nullable(),
  owner: z.string(),
  from: z.enum(modes),
  to: z.enum(modes),
});
export const decisionRecordSchema = decisionAnswerSchema.extend({
  record: z
    .object({ before: z.unknown(), evidence: z.unknown(), next: z.unknown() })
    .describe(
      'All that it saw, as stored: with the policy and the time it gives the same decision again. Times in ms since 1970',
    ),
});
export type DecisionRecord = z.output<typeof decisionRecordSchema>;
export type DecisionAnswer = z.output<typeof decisionAnswerSchema>;

export const explanationSchema = z.object({
  scope,
  sentence: z.string().describe('Where it stands, why and until when'),
  state: scopeStateSchema,
  related: z.array(z.object({ scope, state: z.string(), sentence: z.string() })).describe('Narrower scopes that are braked'),
  overrides: z.array(overrideAnswerSchema),
  decisions: z.array(decisionAnswerSchema).describe('What led here, newest first'),
});
export type Explanation = z.output<typeof explanationSchema>;

const mostMinutes = 366 * 24 * 60;
export const overrideBodySchema = z
  .strictObject({
    scope: z
      .string()
      .max(5000)
      .refine((text) => parseScope(text) !== null, {
        error: `is not a scope: <kind>:<id> with a kind of ${scopeKinds.join(', ')}, e.g. campaign:autumn-sale`,
      }),
    action: z.enum(['pause', 'resume', 'limit', 'hold']),
    window: z.number().int().min(0).max(1_000_000_000).optional(),
    per_second: z.number().gt(0).max(1_000_000).optional(),
    reason: z.string().trim().min(3, 'is too short to tell anybody why').max(500),
    until: z.iso.datetime({ offset: true }).optional(),
    for_minutes: z.number().min(1).max(mostMinutes).optional(),
  })
  .refine((body) => body.until === undefined || body.for_minutes === undefined, {
    error: 'stands beside for_minutes: give one of them',
    path: ['until'],
  })
  .refine((body) => body.action !== 'limit' || body.window !== undefined || body.per_second !== undefined, {
    error: 'or per_second is needed for a limit',
    path: ['window'],
  })
  .refine((body) => body.action === 'limit' || (body.window === undefined && body.per_second === undefined), {
    error: 'and per_second belong to a limit only',
    path: ['window'],
  });
export type OverrideBody = z.output<typeof overrideBodySchema>;

export const overrideResultSchema = z.object({
  override: overrideAnswerSchema,
  state: scopeStateSchema.nullable().describe('Where the scope stands now; null while the controller starts'),
});
export type OverrideAnswer = z.output<typeof overrideResultSchema>;
