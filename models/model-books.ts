import type { Connection } from '../sql/database.ts';

export type Outcome = 'ok' | 'audit_failed' | 'error';

/** What the warehouse knows of a model: which state of it serves, and how its last build went. */
export interface ModelState {
  checksum: string | null;
  builtAt: Date | null;
  outcome: Outcome;
  message: string | null;
}

export interface ModelRun {
  model: string;
  mode: 'full' | 'incremental';
  startedAt: Date;
  finishedAt: Date;
  outcome: Outcome;
  rows: number | null;
  checksum: string;
  message: string | null;
}

/** What a model is in the database. */
export type Relation = 'TABLE' | 'VIEW';

const addRuns = `
  INSERT INTO model_run (run_id, model, mode, started_at, finished_at, outcome, rows_built, checksum, message)
  SELECT run.runId, run.model, run.mode, run.startedAt, run.finishedAt, run.outcome, run.rows, run.checksum, run.message
  FROM (SELECT unnest(from_json($1::JSON, '[{"runId": "VARCHAR", "model": "VARCHAR", "mode": "VARCHAR", "startedAt": "TIMESTAMP",
    "finishedAt": "TIMESTAMP", "outcome": "VARCHAR", "rows": "BIGINT", "checksum": "VARCHAR", "message": "VARCHAR"}]')) AS run)`;

/** Incremental builds that went well are forgotten after a day, everything else stays. */
const keepMs = 86_400_000;

/** The books of the models: model_state and model_run. */
export class ModelBooks {
  private count = 0;
  private noted: (ModelRun & { runId: string })[] = [];
  private pruned = Number.NEGATIVE_INFINITY;

  constructor(private readonly connection: Connection) {}

  async states(): Promise<Map<string, ModelState>> {
    const rows = await this.connection.rows('SELECT model, checksum, built_at, outcome, message FROM model_state');
    return new Map(
      rows.map((row) => [
        String(row.model),
        {
          checksum: row.checksum as string | null,
          builtAt: row.built_at as Date | null,
          outcome: row.outcome as Outcome,
          message: row.message as string | null,
        },
      ]),
    );
  }

  /** Tables and views that exist, by name. */
  async existing(): Promise<Map<string, Relation>> {
    const rows = await this.connection.rows(
      `SELECT table_name AS name, 'TABLE' AS relation FROM duckdb_tables() WHERE NOT temporary
       UNION ALL SELECT view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal AND NOT temporary`,
    );
    return new Map(rows.map(({ name, relation }) => [String(name), relation as Relation]));
  }

  /** @param isNew whether the model has no state yet */
  async setState(model: string, { checksum, builtAt, outcome, message }: ModelState, isNew: boolean): Promise<void> {
    const write = isNew
      ? 'INSERT INTO model_state VALUES ($1, $2, $3::TIMESTAMP, $4, $5)'
      : 'UPDATE model_state SET checksum = $2, built_at = $3::TIMESTAMP, outcome = $4, message = $5 WHERE model = $1';
    await this.connection.run(write, [model, checksum, builtAt, outcome, message]);
  }

  /** Notes that the models that are well hold all facts up to now, but for those that are built anew now and then only. */
  async keptFresh(now: Date, rare: readonly string[]): Promise<void> {
    const others = rare.map((_, at) => `$${at + 2}`).join(', ');
    const kept = rare.length === 0 ? '' : `AND model NOT IN (${others})`;
    await this.connection.run(`UPDATE model_state SET built_at = $1::TIMESTAMP WHERE outcome = 'ok' ${kept}`, [now, ...rare]);
  }

  /** Notes a build; `write` puts what was noted into the book. */
  addRun(run: ModelRun): void {
    this.count += 1;
    this.noted.push({ ...run, runId: `${run.startedAt.toISOString()}-${this.count}` });
  }

  /** Writes the builds noted since the last call, in one statement: to plan one costs more than to run it. */
  async write(): Promise<void> {
    const last = this.noted.at(-1);
    if (last === undefined) return;
    await this.connection.run(addRuns, [JSON.stringify(this.noted)]);
    this.noted = [];
    await this.prune(last.finishedAt);
  }

  private async prune(now: Date): Promise<void> {
    if (now.getTime() - this.pruned < 3_600_000) return;
    this.pruned = now.getTime();
    await this.connection.run(
      `DELETE FROM model_run WHERE mode = 'incremental' AND outcome = 'ok' AND finished_at < $1::TIMESTAMP`,
      [new Date(now.getTime() - keepMs)],
    );
  }
}
