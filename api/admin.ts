import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type BackupSummary, backupSummary } from './backup.ts';
import { maskedFor } from './mask.ts';
import { fileResponse, problems } from './responses.ts';
import type { ZodInput } from './typed.ts';
import type { Warehouse } from './warehouse.ts';

export const exportFormats = {
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;

const text = z.string().nullable();
export const statusSchema = z.object({
  positions: z.array(z.object({ partition: z.string(), applied: z.string(), end: z.string(), lag: z.string() })),
  records_applied: z.number(),
  records_lost: z.number().describe('Left the log unread; the loss was accepted'),
  quarantined: z.number(),
  unmodelled: z.number(),
  watermark: text,
  models: z.array(z.object({ model: z.string(), outcome: z.string(), finished_at: text, stale: z.boolean(), message: text })),
  apply: z.object({
    idle_ms: z.number().describe('Since the loop that applies the log last came round'),
    paused: z.boolean(),
    batch_records: z.number(),
    batch_fill: z.number().describe('Of the newest batch; 1 = as full as may be: more waits'),
    gap: text.describe(
      'The records that are missing where it stands; it goes no further until they are back or accepted as lost',
    ),
  }),
  file_bytes: z.number(),
  memory_bytes: z.number(),
});
const quarantineRow = z.object({
  partition: z.string(),
  offset: z.string(),
  item: z.number().int(),
  kind: z.string(),
  received_at: z.string(),
  reason: z.string(),
  detail: z.string(),
  excerpt: z.string(),
});
const built = z.object({ model: z.string(), outcome: z.string(), rows: z.number().nullable(), message: text });

/** The works: status, quarantine, model builds (ops); rebuild, backup, export (admin). The commands call these while a server runs. */
export function adminPlugin(
  app: FastifyInstance,
  { warehouse, backup, tempDir }: { warehouse: Warehouse; backup: (folder: string) => Promise<BackupSummary>; tempDir: string },
): void {
  const typed = app.withTypeProvider<ZodInput>();
  const tags = ['operation'];
  const operate = { right: 'operate' } as const;
  const administer = { right: 'administer' } as const;

  typed.get(
    '/v1/status',
    { config: operate, schema: { tags, summary: 'How far, how big, how well', response: { 200: statusSchema } } },
    () => warehouse.status(),
  );
  typed.get(
    '/v1/admin/quarantine',
    {
      config: operate,
      schema: {
        tags,
        summary:
          'What could not become facts, newest first, with the start of its bytes; numbers of people are masked but for admins',
        querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(10_000).default(100) }),
        response: { 200: z.object({ quarantined: z.array(quarantineRow) }) },
      },
    },
    async (request) => {
      const rows = await warehouse.quarantineList(request.query.limit);
      const mask = (text: string) => maskedFor(request.role, text);
      return { quarantined: rows.map((row) => ({ ...row, detail: mask(row.detail), excerpt: mask(row.excerpt) })) };
    },
  );
  typed.post(
    '/v1/admin/quarantine/replay',
    {
      config: operate,
      schema: { tags, summary: 'Tries them again', response: { 200: z.object({ replayed: z.number(), left: z.number() }) } },
    },
    () => warehouse.quarantineReplay(),
  );
  typed.post(
    '/v1/admin/models/build',
    {
      config: operate,
      schema: {
        tags,
        summary: 'Builds what changed, or everything anew with full=true',
        querystring: z.strictObject({ full: z.enum(['true', 'false']).default('false') }),
        response: { 200: z.object({ built: z.array(built) }) },
      },
    },
    async (request) => ({ built: await warehouse.buildModels(request.query.full === 'true') }),
  );
  typed.post(
    '/v1/admin/rebuild',
    {
      config: administer,
      schema: {
        tags,
        summary: 'Makes the warehouse anew from archive and log beside the serving one, then swaps',
        response: { 200: z.object({ records: z.number(), seconds: z.number() }) },
      },
    },
    () => warehouse.rebuild(),
  );
  typed.post(
    '/v1/admin/backup',
    {
      config: administer,
      schema: {
        tags,
        summary: 'Writes a backup into a new or empty folder of the server',
        body: z.strictObject({ folder: z.string().min(1).max(4096).refine(isAbsolute, 'is not an absolute path') }),
        response: { 200: backupSummary, ...problems('input_invalid', 'backup_invalid') },
      },
    },
    (request) => backup(request.body.folder),
  );
  typed.get(
    '/v1/admin/export/:table',
    {
      config: administer,
      schema: {
        tags,
        summary: 'One whole table as a file',
        params: z.object({ table: z.string().min(1).max(128) }),
        querystring: z.strictObject({ format: z.enum(['csv', 'parquet', 'arrow']).default('csv') }),
        response: { 200: fileResponse('The file', ...Object.values(exportFormats)), ...problems('export_invalid') },
      },
    },
    async (request, reply) => {
      const { table } = request.params;
      const { format } = request.query;
      const folder = await mkdtemp(join(tempDir, 'export-'));
      const remove = () => void rm(folder, { recursive: true, force: true });
      try {
        const path = join(folder, `table.${format}`);
        const { rows } = await warehouse.exportTable(table, format, path);
        const file = createReadStream(path).once('close', remove);
        return reply
          .type(exportFormats[format])
          .header('x-rows', rows)
          .header('content-disposition', `attachment; filename="${table.replace(/[^A-Za-z0-9_.-]/g, '_')}.${format}"`)
          .send(file);
      } catch (error) {
        remove();
        throw error;
      }
    },
  );
}
