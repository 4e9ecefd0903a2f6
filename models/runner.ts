import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Connection, isOutOfMemory } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { ChangeRows } from './change-rows.ts';
import { MessageHistory } from './message-history.ts';
import { ModelBooks, type ModelState, type Outcome, type Relation } from './model-books.ts';
import { AuditFailure, buildFull, buildTouched, buildView, seedPath } from './model-build.ts';
import type { Model, Models } from './model-graph.ts';
import { userSeedPath } from './user-seed.ts';

export { loadModels } from './load.ts';
export { connectApart } from './model-build.ts';

/** What one build did with one model. */
export interface ModelRunResult {
  model: string;
  mode: 'full' | 'incremental';
  outcome: Outcome;
  /** Rows written (and taken away, when incremental); null when nothing was built. */
  rows: number | null;
  message: string | null;
}

export interface BuildOptions {
  /** Builds everything from the facts, whatever has changed. */
  full: boolean;
  now: Date;
  /**
   * Most ranges of older time that this run recomputes; the rest waits for the next one (`pending` tells). Without it all are done.
   * A service that refreshes every few seconds gives 1 or 2, so that late reads scattered over a week never make one refresh long.
   */
  tailLanes?: number;
  /**
   * False: tables that have become old are left to `buildRare`, so that what changes with every message does not wait for them.
   * Default true.
   */
  rare?: boolean;
  /** Told of each model when it is done. */
  onModel?: (result: ModelRunResult) => void;
}

/** How a model stands. */
export interface ModelStatus {
  model: string;
  outcome: string;
  finished_at: string | null;
  /** True when an older good table serves, or none. */
  stale: boolean;
  message: string | null;
}

/** A model that failed is tried again after this long, doubled each time up to the limit. */
const firstRetryMs = 30_000;
const longestRetryMs = 600_000;
/** A table that is built anew now and then rests for this many times what its last build took: half a percent of the time at most. */
const restFactor = 200;

/** Keeps the models of one warehouse built. Calls of one method must not overlap; `buildRare` may run beside a `build` with `rare: false`. */
export class ModelRunner {
  private readonly failures = new Map<string, { checksum: string; times: number; retryAt: number }>();
  /** What the last build of a table took, ms. */
  private readonly took = new Map<string, number>();
  private readonly history = new MessageHistory();
  /** The table that is being built apart, if any. */
  private apart: Promise<unknown> | null = null;
  /** True when the last build left older ranges for the next one. */
  pending = false;

  /** @param seedFolder folder with the user's own rate cards, exchange rates and so on, see docs/money.md */
  constructor(
    private models: Models | Promise<Models>,
    private readonly seedFolder: string | null = null,
  ) {}

  /** From the next build on these are the models: files have changed. */
  use(models: Models | Promise<Models>): void {
    this.models = models;
  }

  /**
   * Brings every model up to the facts, each after those that it reads. A model that fails keeps its last good table, and those that
   * read it go on with that one. Never throws for a broken model: see `outcome` and `message`.
   */
  async build(
    connection: Connection,
    { full, now, tailLanes = Number.POSITIVE_INFINITY, rare = true, onModel }: BuildOptions,
  ): Promise<ModelRunResult[]> {
    const { models, problems } = await this.models;
    const books = new ModelBooks(connection);
    const changes = new ChangeRows(connection, now, full ? Number.POSITIVE_INFINITY : tailLanes, this.history);
    const run = await this.begin(connection, books, changes, { full, now, rare: rare ? 'with the others' : 'left out' });
    const results: ModelRunResult[] = [];
    for (const { name, error } of problems) results.push(await run.fail(name, 'full', error, '', now));
    for (const model of models) {
      const result = await this.buildOne(run, model);
      onModel?.(result);
      results.push(result);
    }
    await run.changes.release();
    await books.write();
    await books.keptFresh(
      now,
      models.filter(({ refreshMs }) => refreshMs !== null).map(({ name }) => name),
    );
    this.pending = run.changes.pending;
    return results;
  }

  /**
   * Builds the next table that has become old, or whose last build failed, on a connection beside those that write: see `connectApart`.
   * It sees the facts and tables as they are when its build begins.
   * @returns what became of it; null when none is due
   */
  async buildRare(connection: Connection, now: Date): Promise<ModelRunResult | null> {
    const { models } = await this.models;
    const books = new ModelBooks(connection);
    const changes = new ChangeRows(connection, now, 0, this.history);
    const run = await this.begin(connection, books, changes, { full: false, now, rare: 'apart' });
    const due = models.find((model) => {
      const checksum = run.checksumOf(model);
      return run.isDueApart(model, checksum, this.restMs(model)) && !this.mustWait(run, model, checksum);
    });
    if (due === undefined) return null;
    await changes.claimSeen();
    const building = this.buildOne(run, due);
    this.apart = building;
    const result = await building.finally(() => {
      this.apart = null;
    });
    await books.write();
    return result;
  }

  private async begin(
    connection: Connection,
    books: ModelBooks,
    changes: ChangeRows,
    options: { full: boolean; now: Date; rare: Rare },
  ): Promise<Run> {
    const { seedFolder } = this;
    const run = new Run(connection, books, await books.states(), await books.existing(), { ...options, seedFolder, changes });
    await changes.prepare();
    return run;
  }

  private restMs({ name }: Model): number {
    return restFactor * (this.took.get(name) ?? 0);
  }

  /** Whether the model, as its file is now, failed so lately that it is not tried again yet. */
  private mustWait(run: Run, { name }: Model, checksum: string): boolean {
    const failure = this.failures.get(name);
    return !run.full && failure?.checksum === checksum && run.now.getTime() < failure.retryAt;
  }

  /** How each model stands, in order of name. */
  async status(connection: Connection): Promise<ModelStatus[]> {
    const states = await new ModelBooks(connection).states();
    return [...states]
      .map(([model, { outcome, builtAt, message }]) => ({
        model,
        outcome,
        finished_at: builtAt?.toISOString() ?? null,
        stale: outcome !== 'ok',
        message,
      }))
      .sort((a, b) => (a.model < b.model ? -1 : 1));
  }

  private async buildOne(run: Run, model: Model): Promise<ModelRunResult> {
    const startedAt = new Date();
    const checksum = run.checksumOf(model);
    const renews = run.needsFull(model, checksum);
    const mode = renews || run.isDue(model, this.restMs(model)) ? 'full' : 'incremental';
    if (this.mustWait(run, model, checksum) || (model.refreshMs !== null && mode === 'incremental')) {
      const state = run.states.get(model.name);
      return { model: model.name, mode, outcome: state?.outcome ?? 'error', rows: null, message: state?.message ?? null };
    }
    try {
      const build = () => run.build(model, mode, checksum, startedAt, renews);
      const rows = await build().catch(async (error: unknown) => {
        // Two large builds at once may need more than there is: the one that is not waited for goes first then.
        const { apart } = this;
        if (apart === null || run.isApart || !isOutOfMemory(error)) throw error;
        await apart;
        return build();
      });
      this.took.set(model.name, Date.now() - startedAt.getTime());
      this.failures.delete(model.name);
      return { model: model.name, mode, outcome: 'ok', rows, message: null };
    } catch (error) {
      const failure = this.failures.get(model.name);
      const times = failure?.checksum === checksum ? failure.times + 1 : 1;
      const retryAt = run.now.getTime() + Math.min(firstRetryMs * 2 ** (times - 1), longestRetryMs);
      this.failures.set(model.name, { checksum, times, retryAt });
      return run.fail(model.name, mode, error, checksum, startedAt);
    }
  }
}

/** Whether a model that is looked at in every run goes by the people who have changed. */
function readsContacts({ steps }: Model): boolean {
  return steps.some(({ sql }) => sql.includes('touched_contact'));
}

/** What a pass does with tables that have only become old. */
type Rare = 'with the others' | 'left out' | 'apart';

/** One pass over the models. */
class Run {
  readonly full: boolean;
  readonly now: Date;
  readonly changes: ChangeRows;
  private readonly seedFolder: string | null;
  /** Models built from nothing in this pass: what reads them is, too. */
  private readonly renewed = new Set<string>();
  private readonly rare: Rare;

  constructor(
    private readonly connection: Connection,
    private readonly books: ModelBooks,
    readonly states: Map<string, ModelState>,
    private readonly existing: Map<string, Relation>,
    options: { full: boolean; now: Date; seedFolder: string | null; changes: ChangeRows; rare: Rare },
  ) {
    this.rare = options.rare;
    this.full = options.full;
    this.now = options.now;
    this.seedFolder = options.seedFolder;
    this.changes = options.changes;
  }

  get isApart(): boolean {
    return this.rare === 'apart';
  }

  /** Of the model, its seed, and the good state of all that it reads. */
  checksumOf(model: Model): string {
    const hash = createHash('sha256').update(model.checksum);
    if (model.seed !== null) {
      try {
        hash.update(readFileSync(seedPath(model)));
        const own = userSeedPath(this.seedFolder, model.seed);
        if (own !== null) hash.update('\0').update(readFileSync(own));
      } catch {
        hash.update('no seed file');
      }
    }
    for (const name of model.upstream) hash.update(`\0${name} ${this.states.get(name)?.checksum ?? ''}`);
    return hash.digest('hex');
  }

  needsFull({ name, upstream, refreshMs }: Model, checksum: string): boolean {
    const state = this.states.get(name);
    if (this.full || state === undefined || !this.existing.has(name) || state.checksum !== checksum) return true;
    if (upstream.some((other) => this.renewed.has(other))) return true;
    return state.outcome !== 'ok' && (refreshMs === null || this.rare !== 'left out');
  }

  /** Whether a table over facts has become old. */
  isDue({ name, refreshMs }: Model, restMs: number): boolean {
    const builtAt = this.states.get(name)?.builtAt?.getTime();
    if (refreshMs === null || builtAt === undefined || this.rare === 'left out') return false;
    return this.now.getTime() - builtAt >= Math.max(refreshMs, restMs);
  }

  /** Whether a table that serves as its file says has become old, or did not come out well when it was built last. */
  isDueApart(model: Model, checksum: string, restMs: number): boolean {
    const state = this.states.get(model.name);
    if (model.refreshMs === null || state?.checksum !== checksum || !this.existing.has(model.name)) return false;
    return state.outcome !== 'ok' || this.isDue(model, restMs);
  }

  /**
   * @param renews whether what reads the model has to be built from nothing as well: not so when it only became old
   * @returns rows written, null when there was nothing to do
   */
  async build(
    model: Model,
    mode: 'full' | 'incremental',
    checksum: string,
    startedAt: Date,
    renews: boolean,
  ): Promise<number | null> {
    const missing = model.upstream.find((name) => !this.existing.has(name));
    if (missing !== undefined) {
      throw new SluiceError('model_failed', {
        detail: `${model.name} waits for ${missing}`,
        file: model.file,
        line: model.query.line,
      });
    }
    // Claimed before the facts are read, in both modes: what is read then holds these changes.
    if (model.changes === 'message') await this.changes.messageLanes();
    if (model.changes === 'contact' || model.changes === 'identity' || readsContacts(model)) await this.changes.touchContacts();
    if (model.changes === 'experiment') await this.changes.touchExperiments();
    const state: ModelState = { checksum, builtAt: this.now, outcome: 'ok', message: null };
    const rows = mode === 'full' ? await this.buildFull(model, state, renews) : await this.buildTouched(model);
    if (mode === 'full' || (rows ?? 0) > 0) {
      this.books.addRun({
        model: model.name,
        mode,
        startedAt,
        finishedAt: new Date(),
        outcome: 'ok',
        rows,
        checksum,
        message: null,
      });
    }
    return rows;
  }

  private async buildFull(model: Model, state: ModelState, renews: boolean): Promise<number | null> {
    const { connection } = this;
    const service = { old: this.existing.get(model.name), commit: () => this.setState(model.name, state) };
    const rows =
      model.kind === 'view'
        ? await buildView(connection, model, service)
        : await buildFull(connection, model, this.seedFolder, service, this.rare === 'apart' ? 'apart' : 'first');
    this.states.set(model.name, state);
    this.existing.set(model.name, model.kind === 'view' ? 'VIEW' : 'TABLE');
    if (renews) this.renewed.add(model.name);
    return rows ?? null;
  }

  private async buildTouched(model: Model): Promise<number | null> {
    const { connection, changes } = this;
    if (model.kind !== 'incremental') return null;
    if (model.changes !== 'message') await changes.touchAllTime();
    if (model.changes === null) return buildTouched(connection, model, changes);
    if (model.changes === 'contact' || model.changes === 'identity') {
      const touched = await changes.touchContacts();
      return touched[model.changes] === 0 ? null : buildTouched(connection, model, changes);
    }
    if (model.changes === 'experiment') {
      return (await changes.touchExperiments()) === 0 ? null : buildTouched(connection, model, changes);
    }
    let rows: number | null = null;
    for (const lane of await changes.messageLanes()) {
      await changes.touchLane(lane);
      rows = (rows ?? 0) + (await buildTouched(connection, model, changes));
    }
    return rows;
  }

  private setState(name: string, state: ModelState): Promise<void> {
    return this.books.setState(name, state, !this.states.has(name));
  }

  /** Notes a failure: what served before goes on serving. */
  async fail(
    name: string,
    mode: 'full' | 'incremental',
    error: unknown,
    checksum: string,
    startedAt: Date,
  ): Promise<ModelRunResult> {
    const outcome = error instanceof AuditFailure ? 'audit_failed' : 'error';
    const message = error instanceof Error ? error.message : String(error);
    const before = this.states.get(name);
    const state: ModelState = { checksum: before?.checksum ?? null, builtAt: before?.builtAt ?? null, outcome, message };
    if (before?.outcome !== outcome || before.message !== message) {
      await this.setState(name, state);
      this.books.addRun({ model: name, mode, startedAt, finishedAt: new Date(), outcome, rows: null, checksum, message });
    }
    this.states.set(name, state);
    return { model: name, mode, outcome, rows: null, message };
  }
}
