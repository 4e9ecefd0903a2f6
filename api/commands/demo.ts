import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeTopics } from '../../ingest/kafka/remove-topics.ts';
import { Client } from '../../simulator/client.ts';
import { backfill, live, type Progress } from '../../simulator/player.ts';
import type { TallyReport } from '../../simulator/tally.ts';
import { createWorld, type World } from '../../simulator/world.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import { lagOf } from '../health.ts';
import { createLogger } from '../logger.ts';
import { type RunningServer, startServer } from '../server.ts';
import { ProgressLine, type Screen } from './progress-line.ts';

const hour = 3_600_000;
/** What lies behind the demo when it opens, and how far it then is behind the wall clock: it catches up before one's eyes. */
const history = 30 * 24 * hour;
const behind = 4 * hour;

export interface DemoOptions {
  /** Settings of the process; the demo makes its own tokens, secrets and data folder. */
  config: Config;
  /** A fresh or empty folder to be kept; without it the data lie under `<data folder>/demo/` and go when the demo ends. */
  dataDir?: string | undefined;
  contacts: number;
  seed: number;
  /** Simulated seconds a second until the demo has caught up with the wall clock. */
  speed: number;
  /** Only fills, writes the simulator's own count as JSON to this file, and ends. */
  tallyFile?: string | undefined;
  screen: Screen;
  /** Ends the demo. */
  signal: AbortSignal;
  now?: () => Date;
}

/**
 * `sluice demo`: a whole running Sluice with thirty simulated days behind it, filled through the public endpoints, then live
 * with permits, a bought list among its campaigns. All of it lives in the time of the world.
 * @throws SluiceError `config_invalid` when the folder is not empty or the address cannot be had
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { screen, signal, tallyFile } = options;
  const demo = await Demo.open(options);
  try {
    const stopped = ended(signal);
    await Promise.race([stopped, demo.server.failed, demo.fill()]);
    if (signal.aborted) return;
    if (tallyFile !== undefined) {
      await mkdir(dirname(tallyFile), { recursive: true });
      await writeFile(tallyFile, `${JSON.stringify(demo.tally(), null, 2)}\n`);
      screen.write(`The simulator's own count is in ${tallyFile}\n`);
      return;
    }
    screen.write(
      `\nOpen ${demo.address}\n${demo.about}\nThe demo goes on sending, ${options.speed} times as fast as real time until it has caught up. Now every campaign asks for permits,\nand one begins to write to a bought list: watch the control room throttle it, then pause it. Ctrl-C ends it.\n`,
    );
    await Promise.race([demo.server.failed, demo.goLive()]);
  } finally {
    await demo.close();
  }
}

/** A Sluice and a simulated world that feeds it over HTTP: on embedded parts, or on Kafka topics of its own where brokers are set. */
export class Demo {
  private constructor(
    private readonly options: DemoOptions,
    readonly server: RunningServer,
    readonly world: World,
    private readonly client: Client,
    /** Where a browser gets in with a token that may see and do everything. */
    readonly address: string,
    /** A token that may see and do everything. */
    readonly token: string,
    private readonly cleanUp: () => Promise<void>,
    /** Where its log is. */
    readonly about: string,
  ) {}

  static async open(options: DemoOptions): Promise<Demo> {
    const { contacts, seed, now = () => new Date() } = options;
    const startAt = now().getTime() - behind - history;
    const world = createWorld({ seed, contacts, startAt, permitsFrom: startAt + history });
    const { folder, cleanUp: removeFolder } = await dataFolder(options);
    const kafka = ownTopics(options.config.kafka);
    const cleanUp = async () => {
      await removeFolder();
      if (kafka === null || options.dataDir !== undefined) return;
      const stay = ({ message }: Error) => options.screen.write(`The topics ${kafka.topicPrefix}* stay: ${message}\n`);
      await removeTopics(kafka).catch(stay);
    };
    const secret = () => randomBytes(24).toString('hex');
    const [token, sender, appSecret] = [secret(), secret(), secret()];
    const config: Config = {
      ...options.config,
      role: 'all',
      dataDir: folder,
      kafka,
      tokens: [
        { role: 'admin', token },
        { role: 'ingest', token: sender },
      ],
      webhook: { appSecrets: [appSecret], verifyToken: secret() },
    };
    // The terminal belongs to the progress line; what is worth a warning still comes through.
    const quiet = options.config.logLevel === 'info' ? 'warn' : options.config.logLevel;
    let server: RunningServer;
    try {
      // The whole server lives in the time of the world: it sees what happens when it happens.
      server = await startServer(config, { logger: createLogger(quiet), now: () => new Date(world.now) });
    } catch (error) {
      await cleanUp();
      throw error;
    }
    const client = new Client({ url: server.url, appSecret, token: sender });
    const about = kafka === null ? '' : `The log is on Kafka at ${kafka.brokers.join(', ')}, topics ${kafka.topicPrefix}*\n`;
    return new Demo(options, server, world, client, `${server.url}/login?token=${token}`, token, cleanUp, about);
  }

  /** Thirty days through the public endpoints; when it returns, every fact is applied and every model built. */
  async fill(): Promise<void> {
    const { screen, contacts } = this.options;
    const line = new ProgressLine(screen);
    const say = ({ share, events, updates }: Progress) =>
      line.show(
        share,
        `filling 30 days for ${format(contacts)} contacts: ${format(events)} events, ${format(updates)} webhook updates`,
      );
    const began = performance.now();
    await backfill(this.world, this.client, this.world.now + history, say);
    await this.applied((share) => line.show(share, 'turning the log into facts'));
    line.show(1, 'building the models');
    // All of them: those that are built rarely were built last when there was nothing yet.
    const broken = (await this.server.warehouse.buildModels(true)).filter(
      ({ outcome }) => outcome === 'error' || outcome === 'audit_failed',
    );
    const { total } = this.world.tally();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    line.end(`30 days, ${this.world.campaigns.length} campaigns, ${format(total.requested)} messages in ${seconds} s.`);
    const { refused } = this.client.counts;
    if (refused > 0) screen.write(`${refused} events were refused, e.g. ${JSON.stringify(this.client.refusals[0])}\n`);
    for (const { model, message } of broken) screen.write(`The model ${model} is stale: ${message}\n`);
  }

  /** Plays on until the signal. */
  goLive(): Promise<void> {
    const { speed, signal, now = () => new Date() } = this.options;
    return live(this.world, this.client, { speed, signal, now: () => now().getTime() });
  }

  /** What the world has put on the wire so far, by its own count. */
  tally(): TallyReport {
    return this.world.tally();
  }

  /** Resolves when everything in the log is in the warehouse. */
  async applied(onProgress: (share: number) => void = () => undefined): Promise<void> {
    for (;;) {
      const positions = await this.server.warehouse.positions();
      const lag = lagOf(positions);
      const end = positions.reduce((sum, position) => sum + Number(position.end), 0);
      if (lag === 0) return;
      onProgress(1 - lag / Math.max(1, end));
      await sleep(100, undefined, { signal: this.options.signal }).catch(() => undefined);
      if (this.options.signal.aborted) return;
    }
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.server.close();
    await this.cleanUp();
  }
}

/** Topics that nobody else uses: the demo begins with nothing. */
function ownTopics(kafka: Config['kafka']): Config['kafka'] {
  return kafka === null ? null : { ...kafka, topicPrefix: `${kafka.topicPrefix}demo-${randomBytes(4).toString('hex')}.` };
}

/** The folder named, if nothing is in it; else a new one that goes when the demo ends. */
async function dataFolder({ dataDir, config }: DemoOptions): Promise<{ folder: string; cleanUp: () => Promise<void> }> {
  if (dataDir !== undefined) {
    const content = await readdir(dataDir).catch(() => []);
    if (content.length > 0) {
      throw new SluiceError('config_invalid', {
        detail: `--data-dir: ${dataDir} is not empty, and the demo begins with nothing`,
      });
    }
    return { folder: dataDir, cleanUp: async () => undefined };
  }
  const parent = join(config.dataDir, 'demo');
  try {
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, 'run-'));
    return { folder, cleanUp: () => rm(folder, { recursive: true, force: true }) };
  } catch (cause) {
    throw new SluiceError('config_invalid', { detail: `SLUICE_DATA_DIR: ${parent} cannot be written`, cause });
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function format(count: number): string {
  return count.toLocaleString('en');
}
