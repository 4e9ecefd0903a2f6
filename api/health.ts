import { statfs } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApplyWatch } from './apply-watch.ts';
import type { Telemetry } from './telemetry.ts';
import type { Warehouse, WarehouseStatus } from './warehouse.ts';

const check = z.enum(['ok', 'failed']);
type Check = z.output<typeof check>;
const readiness = z.object({
  status: z.enum(['ready', 'not_ready', 'standby']),
  checks: z.record(z.string(), check).describe('What was looked at; all must be ok'),
  lag_records: z.number().int().nullable().describe('Records in the log that the warehouse has not applied yet'),
  lost_records: z
    .number()
    .int()
    .optional()
    .describe('Records that left the log unread and whose loss was accepted, where there are any'),
});
/** What `/readyz` answers. */
export type Readiness = z.output<typeof readiness>;

/** Below this the log refuses soon; webhooks should go to a neighbour or wait. */
export const leastFreeBytes = 256 * 1024 * 1024;
/** How long after a failed append the log counts as not writable, unless one succeeded since. */
const failureMemoryMs = 30_000;

/** `/healthz` tells that the process answers; `/readyz` that it can do its part. Neither needs a token, neither tells more. */
export function healthPlugin(app: FastifyInstance, look: () => Promise<Omit<Readiness, 'status'>>): void {
  let latest: { at: number; answer: Promise<Readiness> } | undefined;

  app.get(
    '/healthz',
    {
      config: { right: 'public' },
      schema: { tags: ['health'], summary: 'Alive', security: [], response: { 200: z.object({ status: z.literal('ok') }) } },
    },
    () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { right: 'public' },
      schema: { tags: ['health'], summary: 'Ready', security: [], response: { 200: readiness, 503: readiness } },
    },
    async (_request, reply) => {
      const at = performance.now();
      // Asked by anyone, so what is behind is asked at most once a second.
      if (latest === undefined || at - latest.at > 1000) latest = { at, answer: look().then(judged) };
      const answer = await latest.answer;
      return reply.status(answer.status === 'ready' ? 200 : 503).send(answer);
    },
  );
}

function judged({ checks, ...detail }: Omit<Readiness, 'status'>): Readiness {
  const ready = Object.values(checks).every((value) => value === 'ok');
  return { status: ready ? 'ready' : 'not_ready', checks, ...detail };
}

/** Whether the log took the newest record, as far as anybody tried. */
export function logCheck({ appended }: Telemetry, now: Date): Check {
  const { lastFailureAtMs, lastSuccessAtMs } = appended;
  return lastFailureAtMs > lastSuccessAtMs && now.getTime() - lastFailureAtMs < failureMemoryMs ? 'failed' : 'ok';
}

/** Looks at everything that a server with a warehouse needs to take and show data. */
export function warehouseReadiness(parts: {
  dataDir: string;
  warehouse: Pick<Warehouse, 'status'>;
  telemetry: Telemetry;
  now: () => Date;
}): () => Promise<Omit<Readiness, 'status'>> {
  const watch = new ApplyWatch();
  return async () => {
    const disk = await statfs(parts.dataDir).then(
      ({ bavail, bsize }) => (bavail * bsize < leastFreeBytes ? 'failed' : 'ok'),
      () => 'failed' as const,
    );
    const status = await Promise.race([parts.warehouse.status().catch(() => null), setTimeout(2000, null, { ref: false })]);
    const moves = status !== null && watch.moves(status, performance.now());
    return {
      checks: {
        log: logCheck(parts.telemetry, parts.now()),
        disk,
        warehouse: status === null ? 'failed' : 'ok',
        apply: moves ? 'ok' : 'failed',
      },
      lag_records: status === null ? null : lagOf(status.positions),
      ...(status !== null && status.records_lost > 0 && { lost_records: status.records_lost }),
    };
  };
}

/** Records in the log that are not applied yet, over all partitions. */
export function lagOf(positions: WarehouseStatus['positions']): number {
  return positions.reduce((sum, { lag }) => sum + Number(lag), 0);
}
