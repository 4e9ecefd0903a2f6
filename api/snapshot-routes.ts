import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listSnapshots, type Snapshot, snapshotSchema } from './snapshots.ts';
import type { ZodInput } from './typed.ts';

/** Snapshots of the marts: which there are, and a new one now. */
export function snapshotPlugin(
  app: FastifyInstance,
  { dataDir, snapshot }: { dataDir: string; snapshot: () => Promise<Snapshot> },
): void {
  const typed = app.withTypeProvider<ZodInput>();
  const tags = ['metrics'];
  typed.get(
    '/v1/snapshots',
    {
      schema: {
        tags,
        summary: 'Snapshots of the marts, oldest first; GET /v1/metrics?as_of=… asks one of them',
        response: { 200: z.object({ snapshots: z.array(snapshotSchema) }) },
      },
    },
    async () => ({ snapshots: await listSnapshots(dataDir) }),
  );
  typed.post(
    '/v1/admin/snapshots',
    {
      config: { right: 'operate' },
      schema: { tags: ['operation'], summary: 'Takes a snapshot of the marts now', response: { 200: snapshotSchema } },
    },
    () => snapshot(),
  );
}
