import { readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import type { KafkaOptions } from '../../ingest/kafka/options.ts';
import { gapsBefore, gapText } from '../../ingest/log-gap.ts';
import type { Positions } from '../../ingest/record.ts';
import { Database } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { type Config, loadConfig, unknownSettings } from '../config.ts';
import type { ControlAnswer } from '../control-schema.ts';
import { DataFolder, places, readAnnouncement } from '../data-folder.ts';
import { lagOf, leastFreeBytes } from '../health.ts';
import type { WarehouseStatus } from '../warehouse.ts';
import { exists, operatorToken } from './desk.ts';
import { withHeld } from './held.ts';
import { standsAt } from './log-gap.ts';
import { RemoteClient } from './remote-client.ts';

/** One thing that was looked at. */
export interface Check {
  name: string;
  outcome: 'ok' | 'warn' | 'fail';
  detail: string;
}

const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Looks at configuration, disk, clock, files and log lag; changes nothing but what a start would mend. */
export async function diagnose(env: Readonly<Record<string, string | undefined>>, now: () => Date): Promise<Check[]> {
  const checks: Check[] = [];
  const say = (name: string, outcome: Check['outcome'], detail: string) => void checks.push({ name, outcome, detail });
  for (const name of unknownSettings(env)) say('configuration', 'warn', `${name} is not a setting of Sluice; misspelt?`);
  let config: Config;
  try {
    config = loadConfig(env);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    for (const sentence of (error.detail ?? '').split('; ')) say('configuration', 'fail', sentence);
    return checks;
  }
  checkConfig(config, say);
  if (!(await exists(config.dataDir))) {
    say('data folder', 'warn', `${config.dataDir} is not there yet; the first start makes it`);
    return checks;
  }
  await checkDisk(config.dataDir, now, say);
  await checkClock(config.dataDir, now, say);
  await checkData(config, say);
  return checks;
}

type Say = (name: string, outcome: Check['outcome'], detail: string) => void;

function checkConfig(config: Config, say: Say): void {
  const roles = new Set(config.tokens.map(({ role }) => role));
  if (roles.size === 0) say('tokens', 'fail', 'SLUICE_TOKENS is empty: "sluice serve" will not start');
  else if (!roles.has('admin'))
    say('tokens', 'warn', 'SLUICE_TOKENS names no admin: backup, rebuild and export need one while a server runs');
  else say('tokens', 'ok', `roles: ${[...roles].join(', ')}`);
  const { appSecrets, verifyToken } = config.webhook;
  if (appSecrets.length === 0) say('webhook', 'warn', 'SLUICE_WEBHOOK_APP_SECRETS is empty: every webhook is refused');
  else if (verifyToken === null) say('webhook', 'warn', 'SLUICE_WEBHOOK_VERIFY_TOKEN is empty: the handshake is refused');
  else say('webhook', 'ok', `${appSecrets.length} app secret(s) and a verify token`);
  const node = Number(process.versions.node.split('.')[0]);
  say('node', node >= 20 ? 'ok' : 'fail', `${process.version}${node >= 20 ? '' : '; Sluice needs 20 or newer'}`);
}

async function checkDisk(dataDir: string, now: () => Date, say: Say): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const outcome = free < leastFreeBytes ? 'fail' : free < 2 ** 31 ? 'warn' : 'ok';
  say('disk space', outcome, `${mib(free)} free in ${dataDir}${outcome === 'ok' ? '' : '; the log refuses when it is full'}`);
  const probe = join(dataDir, `.doctor-${process.pid}`);
  try {
    await writeFile(probe, 'x');
    const skewMs = Math.abs((await stat(probe)).mtimeMs - now().getTime());
    say('rights', 'ok', `${dataDir} can be written`);
    if (skewMs > 5000)
      say(
        'clock',
        'warn',
        `the disk's clock and this machine's differ by ${Math.round(skewMs / 1000)} s: is this a network disk?`,
      );
  } catch (error) {
    say('rights', 'fail', `${dataDir} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  } finally {
    await rm(probe, { force: true });
  }
}

async function checkClock(dataDir: string, now: () => Date, say: Say): Promise<void> {
  const { log } = places(dataDir);
  const names = await readdir(log).catch(() => []);
  const times = await Promise.all(
    names.map((name) =>
      stat(join(log, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const newest = Math.max(0, ...times);
  const aheadS = Math.round((newest - now().getTime()) / 1000);
  if (now().getUTCFullYear() < 2025) say('clock', 'fail', `it says ${now().toISOString()}; set it, times of facts depend on it`);
  else if (aheadS > 60) say('clock', 'fail', `files of the log are ${aheadS} s in the future: this machine's clock was set back`);
  else say('clock', 'ok', now().toISOString());
}

/** The files and how far they are applied: asked of the server that holds them, else looked up here. */
async function checkData(config: Config, say: Say): Promise<void> {
  let folder: DataFolder;
  try {
    folder = await DataFolder.open(config.dataDir);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'warehouse_locked') return checkServer(config, error.detail ?? '', say);
    return say('files', 'fail', error instanceof Error ? error.message : String(error));
  }
  try {
    say('server', 'ok', 'none runs on this data folder');
    if (config.kafka !== null) return await checkTopics(config, config.kafka, say);
    const log = await EmbeddedLog.open({ folder: places(config.dataDir).log });
    const { segments, bytes, nextOffset } = log.stats();
    await log.close();
    say('files', 'ok', `${segments} log segment(s), ${mib(bytes)}, ${nextOffset} records so far`);
    const lag = Number(nextOffset) - (await appliedOffset(places(config.dataDir).warehouse));
    say('log lag', 'ok', lag === 0 ? 'everything is applied' : `${lag} records will be applied at the next start`);
  } catch (error) {
    say('files', 'fail', error instanceof Error ? error.message : String(error));
  } finally {
    await folder.close();
  }
}

/** What the next start would find on Kafka. */
async function checkTopics({ dataDir }: Config, kafka: KafkaOptions, say: Say): Promise<void> {
  const look = withHeld(async (held) => {
    const { KafkaLog } = await import('../../ingest/kafka/kafka-log.ts');
    const log = held(await KafkaLog.open({ ...kafka, createTopics: false }));
    const [start, end] = [await log.start(), await log.end()];
    say('Kafka', 'ok', `${start.size} partitions of ${kafka.topicPrefix}* at ${kafka.brokers.join(', ')}`);
    const place = places(dataDir);
    let at: Positions = new Map();
    if (await exists(place.warehouse)) {
      const database = held(await Database.open({ path: place.warehouse, memoryMb: 128, threads: 1, readOnly: true }));
      at = await standsAt(held(await database.connect()));
    }
    const archive = held(await ArchiveReader.open(place.archive));
    for (const gap of gapsBefore(at, start, archive)) sayGap(say, gapText(gap));
    const lag = [...end].reduce((sum, [partition, next]) => sum + Math.max(0, Number(next - (at.get(partition) ?? 0n))), 0);
    say('log lag', 'ok', lag === 0 ? 'everything is applied' : `${lag} records will be applied at the next start`);
  });
  await look.catch((error: unknown) => {
    const missing = kafka.createTopics && error instanceof SluiceError && error.code === 'kafka_topic_missing';
    if (missing) say('Kafka', 'warn', `${error.detail}: not there yet; the next start makes them`);
    else say('Kafka', 'fail', error instanceof Error ? error.message : String(error));
  });
}

function sayGap(say: Say, gap: string): void {
  say('log gap', 'fail', `${gap}; nothing behind them becomes facts until you do what docs/kafka.md says under "Gaps"`);
}

async function appliedOffset(path: string): Promise<number> {
  if (!(await exists(path))) return 0;
  const database = await Database.open({ path, memoryMb: 128, threads: 1, readOnly: true });
  try {
    const connection = await database.connect();
    const [row] = await connection.rows('SELECT coalesce(sum(next_offset), 0)::BIGINT AS applied FROM ingest_position');
    connection.close();
    return Number(row?.['applied'] ?? 0);
  } finally {
    database.close();
  }
}

async function checkServer(config: Config, locked: string, say: Say): Promise<void> {
  if (await exists(places(config.dataDir).nextWarehouse)) say('rebuild', 'ok', 'one is under way');
  const server = await readAnnouncement(config.dataDir);
  if (server === null)
    return say('server', 'warn', `${locked}, which does not say where it listens: a command, or a server that is starting`);
  let client: RemoteClient | undefined;
  try {
    client = new RemoteClient(server.url, operatorToken(config));
    const status = await client.json<WarehouseStatus>('GET', '/v1/status');
    say('server', 'ok', `version ${server.version} listens on ${server.url}`);
    const lag = lagOf(status.positions);
    say('log lag', lag > 10_000 ? 'warn' : 'ok', `${lag} records behind; newest event ${status.watermark ?? 'none'}`);
    if (status.apply.gap !== null) sayGap(say, status.apply.gap);
    if (status.records_lost > 0) {
      say(
        'lost records',
        'warn',
        `the numbers lack ${status.records_lost} records, whose loss was accepted; see "sluice log gaps"`,
      );
    }
    say('warehouse', 'ok', `${mib(status.file_bytes)} on disk, ${status.records_applied} records applied`);
    say(
      'quarantine',
      status.quarantined > 0 ? 'warn' : 'ok',
      status.quarantined > 0 ? `${status.quarantined} items; see "sluice quarantine list"` : 'empty',
    );
    const stale = status.models.filter((model) => model.stale).map(({ model }) => model);
    say(
      'models',
      stale.length > 0 ? 'warn' : 'ok',
      stale.length > 0 ? `stale: ${stale.join(', ')}` : `${status.models.length} current`,
    );
    const { controller, alarms, scopes } = await client.json<ControlAnswer>('GET', '/v1/control?lang=en');
    const braked = scopes.filter(({ state: word }) => word !== 'open').length;
    const troubles = alarms.map(({ sentence, scopes: where }) => `${where[0]}: ${sentence}`);
    const fine = controller.state === 'running' && troubles.length === 0;
    say(
      'brake',
      fine ? 'ok' : 'warn',
      [`${controller.state}, ${controller.mode} mode, ${braked} scopes braked`, ...troubles].join('; '),
    );
  } catch (error) {
    say('server', 'fail', error instanceof Error ? error.message : String(error));
  } finally {
    await client?.close();
  }
}
