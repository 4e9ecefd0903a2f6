import { z } from 'zod';

/** Harm: events that must not come more often than is healthy. `marketing_limit` is 131049, kept apart from the platform's other blocks. */
export const harmNames = ['undeliverable', 'marketing_limit', 'platform_block', 'other_failure', 'opt_out', 'complaint'] as const;
export type HarmName = (typeof harmNames)[number];
/** Harm that shows within minutes: the platform says that a message could not be delivered. The other harm comes with people who read. */
export const failureNames = ['undeliverable', 'marketing_limit', 'platform_block', 'other_failure'] as const satisfies HarmName[];
export type FailureName = (typeof failureNames)[number];
/**
 * Shortfalls: events that come less often than the stream's own baseline at the same age and hour of the day. Nobody is told of blocks
 * and mutes; who blocks is no longer delivered to, reads no more and taps nothing: these are their proxies.
 */
export const shortfallNames = ['delivery', 'read', 'reply', 'click'] as const;
export type ShortfallName = (typeof shortfallNames)[number];
/** What the detectors watch. Each counts events among trials; see evidence.ts for both. */
export const signalNames = [...harmNames, ...shortfallNames] as const;
export type SignalName = HarmName | ShortfallName;

export function isHarm(name: SignalName): name is HarmName {
  return (harmNames as readonly string[]).includes(name);
}

/** What has an absolute floor under it, whatever the detectors think: all failures together, and all who leave or complain. */
export const guardrailNames = ['failure', 'refusal'] as const;
export type GuardrailName = (typeof guardrailNames)[number];

const rate = z.number().gt(0).lt(1);
const detector = (accept: number, reject: number) =>
  z
    .object({
      /** The rate that is healthy: no alarm is wanted at or below it. */
      accept: rate.default(accept),
      /** The rate that must be caught. */
      reject: rate.default(reject),
    })
    .refine((d) => d.reject > d.accept, { error: 'must be above accept', path: ['reject'] })
    .prefault({});
/** Rates relative to the baseline: 1 is as ever. */
const shortfall = (accept: number, reject: number) =>
  z
    .object({
      /** The share of what is expected that is still healthy. */
      accept: rate.default(accept),
      /** The share that must be caught. */
      reject: rate.default(reject),
    })
    .refine((d) => d.reject < d.accept, { error: 'must be below accept', path: ['reject'] })
    .prefault({});
const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'is not a time of day, e.g. 21:00');

/** What the controller may allow and how it reacts. Every setting has a default taken from the platform's practice. */
export const policySchema = z
  .object({
    /** `shadow` decides and records, and refuses nothing; `enforce` holds. */
    mode: z.enum(['shadow', 'enforce']).default('enforce'),
    window: z
      .object({
        /**
         * Messages of a new stream that may be out without matured feedback: all that a bought list sent at full speed can cost before
         * the first failure is back. At 30 % undeliverable so many give twice the alarm line, a pause at once.
         */
        start: z.number().int().min(1).default(150),
        /** The same for a new campaign over all its streams. */
        campaign_start: z.number().int().min(1).default(1000),
        /**
         * The canary of a template, number or portfolio that has no history: the platform paces new ones, and holds or drops what comes
         * too fast. It grows like any window, and is gone once there is history. Null for none.
         */
        template_start: z.number().int().min(1).nullable().default(2_000),
        number_start: z.number().int().min(1).nullable().default(5_000),
        portfolio_start: z.number().int().min(1).nullable().default(10_000),
        /** A window never grows beyond this. */
        most: z.number().int().min(1).default(250_000),
        /** Messages by which a window grows for each matured message without alarm; 1 doubles it a round. */
        growth: z.number().min(0).max(10).default(2),
        /** Messages of a probe after a pause. */
        probe: z.number().int().min(1).default(20),
        /** After an alarm: share of the window by which it grows for each matured window of messages. */
        step: z.number().gt(0).max(1).default(0.25),
      })
      .prefault({}),
    /**
     * Healthy marketing has 1–4 % undeliverable, 2–6 % held back by the platform, 0.2–0.9 % opt-outs; `accept` lies above each, because
     * nothing below it may ever alarm, and `reject` about three times as high.
     */
    detectors: z
      .object({
        undeliverable: detector(0.05, 0.15),
        marketing_limit: detector(0.09, 0.22),
        platform_block: detector(0.04, 0.12),
        other_failure: detector(0.03, 0.1),
        opt_out: detector(0.01, 0.03),
        complaint: detector(0.005, 0.02),
        delivery: shortfall(0.95, 0.75),
        read: shortfall(0.85, 0.5),
        reply: shortfall(0.8, 0.4),
        click: shortfall(0.8, 0.4),
      })
      .prefault({}),
    /** Rates that must not be passed, whatever came before: the platform's practice calls a delivery of 85 % the floor. Null for none. */
    guardrails: z.object({ failure: rate.nullable().default(0.15), refusal: rate.nullable().default(0.03) }).prefault({}),
    /** The one budget: at most one false alarm in so many messages of the account, over all scopes, detectors and guardrails together. */
    false_alarm_messages: z.number().min(1000).default(1_000_000),
    /** Whose turn it is when campaigns want more than a number can send: see capacity.ts. */
    priority: z.enum(['low', 'normal', 'high']).default('normal'),
    /** When the campaign must be out, and how many messages it has: what it needs to be in time comes first. */
    deadline: z
      .object({ at: z.iso.datetime({ offset: true }), messages: z.number().int().min(1) })
      .nullable()
      .default(null),
    /** Minutes of the first pause; each further alarm doubles it, up to the most. */
    dwell_minutes: z.number().min(1).default(60),
    most_dwell_minutes: z.number().min(1).default(1440),
    /** Messages a second: the throughput of a number, and a campaign's own ceiling. */
    pace: z
      .object({ number_per_second: z.number().gt(0).default(80), campaign_per_second: z.number().gt(0).nullable().default(null) })
      .prefault({}),
    lease: z
      .object({ seconds: z.number().int().min(1).default(60), most_seconds: z.number().int().min(1).max(3600).default(600) })
      .prefault({}),
    /** Unique people outside service windows in 24 h that the portfolio may write to, unless the platform or the registry says. */
    messaging_limit: z.number().int().min(1).nullable().default(null),
    /** Share of the messaging limit that marketing leaves to service traffic: codes, orders, answers to people outside a window. */
    limit_headroom: z.number().min(0).max(0.9).default(0.05),
    /** Hours between two marketing messages to one person; 0 for no cap. */
    marketing_gap_hours: z.number().min(0).max(720).default(24),
    /** No marketing in these hours of the recipient's day; null for none. */
    quiet_hours: z.object({ from: clock, to: clock }).nullable().default({ from: '21:00', to: '08:00' }),
    /** Hours that a number rests after the platform limited it for spam (131048). */
    spam_rest_hours: z.number().min(1).default(24),
    /** Evidence older than this allows no growth. */
    stale_seconds: z.number().int().min(1).default(120),
  })
  .strict();

/** A policy with all its defaults filled in. */
export type Policy = z.output<typeof policySchema>;
export const defaultPolicy: Policy = policySchema.parse({});
