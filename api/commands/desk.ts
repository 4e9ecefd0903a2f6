import { createReadStream } from 'node:fs';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { SluiceError } from '../../sql/errors.ts';
import type { exportFormats } from '../admin.ts';
import type { BackupSummary } from '../backup.ts';
import type { Config } from '../config.ts';
import { places, readAnnouncement } from '../data-folder.ts';
import { lagOf } from '../health.ts';
import { createLogger } from '../logger.ts';
import type { PrivacyDesk } from '../privacy-desk.ts';
import type { PersonNames } from '../privacy-warehouse.ts';
import type { Snapshot } from '../snapshots.ts';
import type { QuarantineRow, Warehouse } from '../warehouse.ts';
import { openWorks, type Works } from '../works.ts';
import { RemoteClient } from './remote-client.ts';

export type ExportFormat = keyof typeof exportFormats;

/** What the commands do on a data folder, whoever holds it. */
export interface Desk {
  /** How the work is done, for the user to know: by the running server, or here. */
  via: string;
  buildModels(full: boolean): ReturnType<Warehouse['buildModels']>;
  quarantineList(limit: number): Promise<QuarantineRow[]>;
  quarantineReplay(): ReturnType<Warehouse['quarantineReplay']>;
  rebuild(): ReturnType<Warehouse['rebuild']>;
  backup(folder: string): Promise<BackupSummary>;
  /** Writes one table to `out`, or to standard output when that is null. */
  exportTable(table: string, format: ExportFormat, out: string | null): Promise<{ rows: number }>;
  /** Notes a wish to be forgotten. */
  forget(names: PersonNames): ReturnType<PrivacyDesk['forget']>;
  heldOn(names: PersonNames, records: boolean): Promise<object>;
  /** Carries out what waits. */
  sweep(): ReturnType<PrivacyDesk['sweep']>;
  /** Takes a snapshot of the marts. */
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

/**
 * Opens the data folder directly, or, when a server holds it, asks that server with a token of SLUICE_TOKENS.
 * @throws SluiceError `warehouse_locked` when another process holds it that is no server
 */
export async function openDesk(config: Config, tell: (line: string) => void): Promise<Desk> {
  try {
    const logger = createLogger('warn', pino.destination({ dest: 2, sync: true }));
    return localDesk(await openWorks(config, { logger, now: () => new Date() }), tell);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'warehouse_locked') throw error;
    const server = await readAnnouncement(config.dataDir);
    if (server === null) throw error;
    return remoteDesk(new RemoteClient(server.url, operatorToken(config)), server.url);
  }
}

/** The token to ask the server with: an admin's, else one of ops. */
export function operatorToken({ tokens }: Config): string {
  const found = tokens.find(({ role }) => role === 'admin') ?? tokens.find(({ role }) => role === 'ops');
  if (found !== undefined) return found.token;
  throw new SluiceError('config_invalid', {
    detail: 'SLUICE_TOKENS names no admin, and a server holds the data folder: it does this for an admin only',
  });
}

function localDesk(works: Works, tell: (line: string) => void): Desk {
  const { warehouse } = works;
  /** What the log holds beyond the warehouse is applied first, so that the answer is up to date. */
  const caughtUp = async () => {
    let told = false;
    for (;;) {
      const lag = lagOf(await warehouse.positions());
      if (lag === 0) return;
      if (!told) tell(`${lag} records of the log are being applied first`);
      told = true;
      await setTimeout(50);
    }
  };
  return {
    via: 'no server runs on this data folder; done here',
    buildModels: async (full) => {
      await caughtUp();
      return warehouse.buildModels(full);
    },
    quarantineList: async (limit) => {
      await caughtUp();
      return warehouse.quarantineList(limit);
    },
    quarantineReplay: async () => {
      await caughtUp();
      return warehouse.quarantineReplay();
    },
    rebuild: () => warehouse.rebuild(),
    backup: (folder) => works.backup(resolve(folder)),
    exportTable: async (table, format, out) => {
      await caughtUp();
      const path = join(places(works.folder.path).temp, `export.${format}`);
      const answer = await warehouse.exportTable(table, format, path);
      if (out === null) await pipeline(createReadStream(path), process.stdout, { end: false });
      else await copyFile(path, out);
      return answer;
    },
    forget: async (names) => {
      await caughtUp();
      return works.privacy.forget(names, 'admin');
    },
    heldOn: async (names, records) => {
      await caughtUp();
      return works.privacy.heldOn(names, records);
    },
    sweep: async () => {
      await caughtUp();
      return works.privacy.sweep();
    },
    snapshot: async () => {
      await caughtUp();
      await warehouse.buildModels(false);
      return works.snapshot();
    },
    close: () => works.close(),
  };
}

function remoteDesk(client: RemoteClient, url: string): Desk {
  return {
    via: `done by the server at ${url}`,
    buildModels: async (full) =>
      (await client.json<{ built: Awaited<ReturnType<Desk['buildModels']>> }>('POST', `/v1/admin/models/build?full=${full}`))
        .built,
    quarantineList: async (limit) =>
      (await client.json<{ quarantined: QuarantineRow[] }>('GET', `/v1/admin/quarantine?limit=${limit}`)).quarantined,
    quarantineReplay: () => client.json('POST', '/v1/admin/quarantine/replay'),
    rebuild: () => client.json('POST', '/v1/admin/rebuild'),
    backup: (folder) => client.json('POST', '/v1/admin/backup', { folder: resolve(folder) }),
    exportTable: async (table, format, out) => {
      const answer = await client.request('GET', `/v1/admin/export/${encodeURIComponent(table)}?format=${format}`);
      if (out === null) await pipeline(answer.body, process.stdout, { end: false });
      else await writeFile(out, answer.body);
      return { rows: Number(answer.headers['x-rows']) };
    },
    forget: (names) => client.json('POST', '/v1/people/forget', names),
    heldOn: (names, records) => client.json('POST', '/v1/people/export', { ...names, records }),
    sweep: () => client.json('POST', '/v1/people/sweep'),
    snapshot: () => client.json('POST', '/v1/admin/snapshots'),
    close: () => client.close(),
  };
}

/** Whether something is at this path. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
