import { type LookDue, lookRecord, type NewLook, newLook } from '../../models/experiments/look.ts';
import { type Case, readCases } from '../../models/experiments/read-evidence.ts';
import { withStrata } from '../../models/experiments/read-strata.ts';
import type { Connection } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { withBrakes } from './experiment-brakes.ts';
import { eachInTurn } from './turns.ts';

const marks = readProjectFile('sql/queries/experiment_marks.sql');
/** So many are read one by one; of more, all at once. */
const fewExperiments = 20;

/** Finds looks that say something new. What was looked at and had nothing to say is left alone until something about it changes. */
export class LookFinder {
  /** Of experiments that had nothing new to say, the mark that they had then. */
  private readonly settled = new Map<string, string>();

  /** @param now ms since 1970 */
  async due(connection: Connection, now: number): Promise<LookDue[]> {
    const rows = await connection.rows(marks, { at: new Date(now) });
    const mark = new Map(rows.map((row) => [String(row.experiment_id), String(row.mark)]));
    const changed = new Set([...mark].filter(([id, text]) => this.settled.get(id) !== text).map(([id]) => id));
    const looks = await eachInTurn(await this.read(connection, changed, now), (one) => ({ one, look: newLook(one, now) }));
    const due = new Map<string, NewLook>();
    for (const { one, look } of looks) {
      const id = one.design.experiment_id;
      if (look === null) this.settled.set(id, mark.get(id) ?? '');
      else due.set(id, look);
    }
    const said = looks.flatMap(({ one, look }) => (look === null ? [] : [one]));
    const whole = await withBrakes(connection, await withStrata(connection, said, now), now);
    const records = await eachInTurn(whole, (one) => {
      const look = due.get(one.design.experiment_id);
      return look === undefined ? [] : [lookRecord(one, look, now)];
    });
    return records.flat();
  }

  private async read(connection: Connection, ids: ReadonlySet<string>, now: number): Promise<Case[]> {
    if (ids.size === 0) return [];
    if (ids.size > fewExperiments) {
      return (await readCases(connection, null, now)).filter(({ design }) => ids.has(design.experiment_id));
    }
    const cases: Case[] = [];
    for (const id of ids) cases.push(...(await readCases(connection, id, now)));
    return cases;
  }
}
