import { statfs } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Telemetry } from './telemetry.ts';
import type { Warehouse, WarehouseStatus } from './warehouse.ts';

const check = z.enum(['ok', 'failed']);
const readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({ log: check, disk: check, warehouse: check }),
  lag_records: z.number().int().nullable().describe('Records in the log that the warehouse has not applied yet'),
});
type Readiness = z.output<typeof readiness>;

/** Below this the log refuses soon; webhooks should go to a neighbour or wait. */
export const leastFreeBytes = 256 * 1024 * 1024;
/** How long after a failed append the log counts as not writable, unless one succeeded since. */
const failureMemoryMs = 30_000;

/** `/healthz` tells that the process answers; `/readyz` that it can take and show data. Neither needs a token, neither tells more. */
export function healthPlugin(
  app: FastifyInstance,
  options: { dataDir: string; warehouse: Warehouse; telemetry: Telemetry; now: () => Date },
): void {
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
      // Asked by anyone, so the warehouse is asked at most once a second.
      if (latest === undefined || at - latest.at > 1000) latest = { at, answer: readinessOf(options) };
      const answer = await latest.answer;
      return reply.status(answer.status === 'ready' ? 200 : 503).send(answer);
    },
  );
}

async function readinessOf({ dataDir, warehouse, telemetry, now }: Parameters<typeof healthPlugin>[1]): Promise<Readiness> {
  const { lastFailureAtMs, lastSuccessAtMs } = telemetry.appended;
  const log = lastFailureAtMs > lastSuccessAtMs && now().getTime() - lastFailureAtMs < failureMemoryMs ? 'failed' : 'ok';
  const disk = await statfs(dataDir).then(
    ({ bavail, bsize }) => (bavail * bsize < leastFreeBytes ? 'failed' : 'ok'),
    () => 'failed' as const,
  );
  const status = await Promise.race([warehouse.status().catch(() => null), setTimeout(2000, null, { ref: false })]);
  const checks = { log, disk, warehouse: status === null ? 'failed' : 'ok' } as const;
  const ready = Object.values(checks).every((value) => value === 'ok');
  return { status: ready ? 'ready' : 'not_ready', checks, lag_records: status === null ? null : lagOf(status) };
}

/** Records in the log that are not applied yet, over all partitions. */
export function lagOf(status: WarehouseStatus): number {
  return status.positions.reduce((sum, { lag }) => sum + Number(lag), 0);
}
