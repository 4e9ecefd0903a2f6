import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Config } from '../api/config.ts';
import { places } from '../api/data-folder.ts';
import { createLogger } from '../api/logger.ts';
import { type RunningServer, startServer } from '../api/server.ts';
import type { Warehouse } from '../api/warehouse.ts';
import { Archiver } from '../ingest/archive.ts';
import { EmbeddedLog } from '../ingest/embedded-log.ts';
import { Database } from '../sql/database.ts';
import { bearer, signature, testConfig } from './app-under-test.ts';
import { prepareFolder } from './template-warehouse.ts';
import { type Dump, dump } from './warehouse.ts';

/**
 * The whole of Sluice on this data folder, in this process: real sockets, real log, the warehouse in its own thread (of `dist/`). On a
 * folder that nobody has used it begins with the template warehouse, which saves the first build of the models.
 */
export async function serve(
  dataDir: string,
  settings: Partial<Config> = {},
  now: () => Date = () => new Date(),
): Promise<RunningServer> {
  await prepareFolder(dataDir);
  return startServer(testConfig({ dataDir, logLevel: 'error', ...settings }), { logger: createLogger('error'), now });
}

/** Posts bytes as they are. Every call resolves with the answer, whatever it is, and rejects when there is none. */
export class Sender {
  private readonly pool: Pool;

  constructor(url: string, connections = 4) {
    this.pool = new Pool(url, { connections, pipelining: 1 });
  }

  /** Posts a webhook as the platform would: these bytes, signed. */
  webhook(body: Uint8Array): Promise<Answer> {
    return this.send('POST', '/webhooks/whatsapp', body, {
      'content-type': 'application/json',
      'x-hub-signature-256': signature(body),
    });
  }

  events(events: readonly unknown[]): Promise<Answer> {
    return this.eventBytes(Buffer.from(JSON.stringify(events)));
  }

  /** Posts events as an admin: these bytes. */
  eventBytes(body: Uint8Array): Promise<Answer> {
    return this.send('POST', '/v1/events', body, { 'content-type': 'application/json', ...bearer('admin') });
  }

  /** Sends JSON as an admin. */
  json(method: 'POST' | 'PUT', path: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json', ...bearer('admin') };
    return this.send(method, path, Buffer.from(JSON.stringify(body)), headers);
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path, null, bearer('admin'));
  }

  post(path: string): Promise<Answer> {
    return this.send('POST', path, null, bearer('admin'));
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async send(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body: Uint8Array | null,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const answer = await this.pool.request({ method, path, headers, body: body === null ? null : Buffer.from(body) });
    return { status: answer.statusCode, text: await answer.body.text() };
  }
}

export interface Answer {
  status: number;
  text: string;
}

/** Does each of these with some under way at once. */
export async function together<T>(items: readonly T[], work: (item: T) => Promise<void>, atOnce = 4): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

/** Resolves when everything in the log is in the warehouse. */
export async function applied(warehouse: Pick<Warehouse, 'positions'>): Promise<void> {
  for (;;) {
    const positions = await warehouse.positions();
    if (positions.every(({ lag }) => lag === '0')) return;
    await sleep(50);
  }
}

/** Looks into a warehouse file that nobody has open. */
export async function inFile<T>(dataDir: string, look: (connection: Connection) => Promise<T>): Promise<T> {
  const database = await Database.open({ path: `${dataDir}/warehouse.duckdb`, memoryMb: 512, threads: 2, readOnly: true });
  try {
    return await look(await database.connect());
  } finally {
    database.close();
  }
}
type Connection = Awaited<ReturnType<Database['connect']>>;

/** Moves all that is in the log of a stopped Sluice into the archive, and the segments away. */
export async function archiveAll(dataDir: string): Promise<void> {
  const place = places(dataDir);
  const log = await EmbeddedLog.open({ folder: place.log });
  const archiver = await Archiver.open({ folder: place.archive, log });
  await log.rotate();
  await log.applied(await log.end());
  while ((await archiver.step()).more);
  if (log.sealedSegments.length > 0) throw new Error('a segment stayed');
  await archiver.close();
  await log.close();
}

/** All facts and models of a data folder that nobody works on. */
export const dumpOf = (dataDir: string): Promise<Dump> => inFile(dataDir, dump);
