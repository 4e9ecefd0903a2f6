import { z } from 'zod';

/** What the detectors watch. Each counts events among trials; see evidence.ts for both. */
export const signalNames = ['undeliverable', 'platform_block', 'other_failure', 'opt_out'] as const;
export type SignalName = (typeof signalNames)[number];

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
         * the first failure is back. At 25 % undeliverable so many give twice the alarm line, a pause at once.
         */
        start: z.number().int().min(1).default(150),
        /** The same for a new campaign over all its streams. */
        campaign_start: z.number().int().min(1).default(1000),
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
        platform_block: detector(0.09, 0.22),
        other_failure: detector(0.03, 0.1),
        opt_out: detector(0.01, 0.03),
      })
      .prefault({}),
    /** At most one false alarm in so many messages of one scope, over all its detectors. */
    false_alarm_messages: z.number().min(1000).default(1_000_000),
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
    /** Share of the messaging limit kept for service traffic. */
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
