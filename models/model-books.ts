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

/** Incremental builds that went well are forgotten after a day, everything else stays. */
const keepMs = 86_400_000;

/** The books of the models: model_state and model_run. */
export class ModelBooks {
  private count = 0;
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

  /** Tables and views that exist. */
  async existing(): Promise<Set<string>> {
    const rows = await this.connection.rows(
      `SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary
       UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary`,
    );
    return new Set(rows.map(({ name }) => String(name)));
  }

  async setState(model: string, { checksum, builtAt, outcome, message }: ModelState): Promise<void> {
    const values = [model, checksum, builtAt, outcome, message];
    const changed = await this.connection.run(
      'UPDATE model_state SET checksum = $2, built_at = $3::TIMESTAMP, outcome = $4, message = $5 WHERE model = $1',
      values,
    );
    if (changed === 0) await this.connection.run('INSERT INTO model_state VALUES ($1, $2, $3::TIMESTAMP, $4, $5)', values);
  }

  /** Notes that the models that are well hold all facts up to now, but for those that are built anew now and then only. */
  async keptFresh(now: Date, rare: readonly string[]): Promise<void> {
    const others = rare.map((_, at) => `$${at + 2}`).join(', ');
    const kept = rare.length === 0 ? '' : `AND model NOT IN (${others})`;
    await this.connection.run(`UPDATE model_state SET built_at = $1::TIMESTAMP WHERE outcome = 'ok' ${kept}`, [now, ...rare]);
  }

  async addRun(run: ModelRun): Promise<void> {
    this.count += 1;
    await this.connection.run(
      `INSERT INTO model_run (run_id, model, mode, started_at, finished_at, outcome, rows_built, checksum, message)
       VALUES ($1, $2, $3, $4::TIMESTAMP, $5::TIMESTAMP, $6, $7::BIGINT, $8, $9)`,
      [
        `${run.startedAt.toISOString()}-${this.count}`,
        run.model,
        run.mode,
        run.startedAt,
        run.finishedAt,
        run.outcome,
        run.rows === null ? null : BigInt(run.rows),
        run.checksum,
        run.message,
      ],
    );
    await this.prune(run.finishedAt);
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
