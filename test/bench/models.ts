import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstShare, MemoryShare } from '../../api/warehouse-thread/memory-share.ts';
import { aliasId } from '../../ingest/alias.ts';
import { Apply } from '../../ingest/apply.ts';
import { emptyDecoded, type Staged } from '../../ingest/staged.ts';
import { connectApart, loadModels, ModelRunner, type ModelRunResult } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { timeOrderedId } from '../time-ordered-id.ts';
import { benchContacts, benchPhone, benchWarehouse, keptWarehouse } from './big-warehouse.ts';

/**
 * `npm run bench:models`: how long the models take over many messages, built from nothing and after new events, the slowest first.
 * Options: --messages N (25000000), --events N new ones (100000), --memory MiB of the whole process (1024), --threads N (1), --top N models shown (12),
 * --keep FOLDER (the warehouse is kept there with its models, for the other benchmarks too).
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '25000000' },
    events: { type: 'string', default: '100000' },
    memory: { type: 'string', default: '1024' },
    threads: { type: 'string', default: '1' },
    top: { type: 'string', default: '12' },
    keep: { type: 'string' },
  },
});
const [messages, events, top] = [Number(values.messages), Number(values.events), Number(values.top)];
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const print = (line: string) => process.stdout.write(`${line}\n`);

interface Cost {
  wallMs: number;
  cpuMs: number;
}

/** What one build took, whole and by model. Processor time is that of the whole process. */
class Watch {
  readonly models = new Map<string, Cost & { rows: number | null }>();
  private readonly started = performance.now();
  private readonly used = process.cpuUsage();
  private at = { wallMs: 0, cpuMs: 0 };
  private peak = process.memoryUsage.rss();
  private readonly sampler = setInterval(() => {
    this.peak = Math.max(this.peak, process.memoryUsage.rss());
  }, 20).unref();

  total(): Cost {
    const { user, system } = process.cpuUsage(this.used);
    return { wallMs: performance.now() - this.started, cpuMs: (user + system) / 1000 };
  }

  readonly onModel = ({ model, rows, outcome, message }: ModelRunResult): void => {
    if (outcome !== 'ok') throw new Error(`${model}: ${message}`);
    const total = this.total();
    this.models.set(model, { wallMs: total.wallMs - this.at.wallMs, cpuMs: total.cpuMs - this.at.cpuMs, rows });
    this.at = total;
  };

  report(what: string): void {
    const { wallMs, cpuMs } = this.total();
    clearInterval(this.sampler);
    print(
      `\n${what}: ${seconds(wallMs)} s, ${seconds(cpuMs)} s of CPU, memory of the process at most ${(this.peak / 1e6).toFixed(0)} MB`,
    );
    const slowest = [...this.models].sort(([, a], [, b]) => b.cpuMs - a.cpuMs).slice(0, top);
    for (const [name, cost] of slowest) {
      print(
        `  ${seconds(cost.cpuMs).padStart(8)} s CPU ${seconds(cost.wallMs).padStart(8)} s  ${name.padEnd(22)} ${cost.rows ?? '-'} rows`,
      );
    }
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** Requests, acceptances and statuses of messages of the last ten minutes, as apply takes them; another round brings other messages. */
async function newEvents(apply: Apply, until: Date, events: number, round = 0): Promise<number> {
  const perMessage = 4;
  const batchMessages = 2500;
  let made = 0;
  for (let first = 0; first < events / perMessage; first += batchMessages) {
    const batch = emptyDecoded();
    const last = Math.min(first + batchMessages, events / perMessage);
    for (let n = first; n < last; n += 1) {
      const ms = until.getTime() - 600_000 + Math.floor((n * 500_000 * perMessage) / events);
      const number = round * 1_000_000_000 + n;
      const send_id = timeOrderedId(ms, number, '9000');
      const person = (n * 7919) % benchContacts;
      const at = BigInt(ms) * 1000n;
      const who = { message_id: `wamid.NEW${number}`, send_id, phone_alias: aliasId('phone', benchPhone(person)) };
      batch.send.push({
        ...request,
        ...who,
        message_id: null,
        event_id: `new ${number}`,
        occurred_at: at,
        contact_alias: aliasId('contact', `contact-${person}`),
      });
      for (const [step, name] of ['sent', 'delivered', 'read'].entries()) {
        batch.status.push({
          ...status,
          ...who,
          status: name,
          occurred_at: at + BigInt(step + 1) * 5_000_000n,
          content_hash: `${number} ${name}`,
        });
      }
      made += perMessage;
    }
    await apply.commit(batch, new Map([['log', BigInt(round * 1_000_000_000 + made)]]));
  }
  return made;
}

/**
 * A day's round of the tables that are built now and then, on a connection of their own; beside it events come in and are built as ever.
 * Tells how long the longest of those refreshes took.
 */
async function rareRound(
  database: Database,
  runner: ModelRunner,
  connection: Connection,
  apply: Apply,
  until: Date,
): Promise<void> {
  const apart = await connectApart(database);
  const watch = new Watch();
  let isOver = false;
  const round = (async () => {
    for (let built = await runner.buildRare(apart, until); built !== null; built = await runner.buildRare(apart, until))
      watch.onModel(built);
    isOver = true;
  })();
  const refreshes: number[] = [];
  do {
    await newEvents(apply, until, 10_000, refreshes.length + 1);
    const started = performance.now();
    await build(connection, runner, until, { full: false, tailLanes: 1, rare: false });
    refreshes.push((performance.now() - started) / 1000);
  } while (!isOver);
  await round;
  watch.report('a day later, every table that is built now and then, with refreshes after 10,000 new events beside it');
  print(`  refreshes: ${refreshes.length}, the longest ${Math.max(...refreshes).toFixed(2)} s`);
  apart.close();
}

const from = {
  user_alias: null,
  country: 'IN',
  phone_number_id: '106540352242922',
  waba_id: '102290129340398',
  error_code: null,
  error_title: null,
};
const request: Omit<Staged<'send'>, 'event_id' | 'occurred_at' | 'send_id' | 'message_id' | 'contact_alias' | 'phone_alias'> = {
  ...from,
  step: 'requested',
  campaign_id: 'campaign-19',
  variant_id: 'v0',
  template_name: 'template-1',
  template_language: 'en',
  category: 'marketing',
  segment_id: 'segment-1',
  permit_id: null,
  message_type: 'template',
  expires_at: null,
};
const status: Omit<Staged<'status'>, 'message_id' | 'status' | 'occurred_at' | 'send_id' | 'phone_alias' | 'content_hash'> = {
  ...from,
  participant_alias: null,
  callback_data: null,
  pricing_model: 'PMP',
  pricing_type: 'regular',
  pricing_category: 'marketing',
  billable: true,
  conversation_id: null,
  conversation_type: null,
};

async function build(
  connection: Connection,
  runner: ModelRunner,
  now: Date,
  how: { full: boolean; tailLanes?: number; rare?: boolean },
): Promise<Watch> {
  const watch = new Watch();
  await runner.build(connection, { ...how, now, onModel: watch.onModel });
  return watch;
}

try {
  const path = join(folder, 'warehouse.duckdb');
  print(`Node ${process.version}, ${cpus().length} cores, ${messages} messages, ${values.memory} MiB, ${values.threads} threads`);
  const started = performance.now();
  const until = await benchWarehouse(path, messages, new Date(), values.keep);
  print(`the facts: ${seconds(performance.now() - started)} s, ${(statSync(path).size / 2 ** 20).toFixed(0)} MB on disk`);
  const limit = Number(values.memory);
  const open = () => Database.open({ path, memoryMb: firstShare(limit), threads: Number(values.threads), checkpointMb: 256 });
  const runner = new ModelRunner(loadModels());
  let database = await open();
  let connection = await database.connect();
  let memory = await MemoryShare.start(database, limit);
  (await build(connection, runner, until, { full: true })).report('full build (goal at 25 million: < 300 s)');
  if (values.keep !== undefined) {
    await memory.close();
    connection.close();
    database.close();
    copyFileSync(path, keptWarehouse(values.keep, messages));
    database = await open();
    connection = await database.connect();
    memory = await MemoryShare.start(database, limit);
  }
  await build(connection, runner, until, { full: false });
  const apply = await Apply.on(await database.connect());
  const applied = await newEvents(apply, until, events);
  // As the service refreshes: recent messages whole, older ones a few at a time, tables that have become old beside it.
  const refresh = await build(connection, runner, until, { full: false, tailLanes: 1, rare: false });
  refresh.report(`after ${applied} new events (goal: < 2 s)`);
  await rareRound(database, runner, connection, apply, new Date(until.getTime() + 86_400_000));
  await memory.close();
  connection.close();
  database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
