import type { Connection } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { ArmStep, Step } from './evidence.ts';

const sql = readProjectFile('sql/queries/experiment_steps.sql');

/** What the people of one experiment did, step by step, and how many of them were assigned in the last seven days. */
export interface StepsSeen {
  steps: Step[];
  recent: number;
}

/**
 * The steps of experiments by their id. A thousand experiments have tens of thousands of rows: they are read by column, and come in the
 * order of experiment and time.
 * @param experiment one id, or null for all
 */
export async function readSteps(connection: Connection, experiment: string | null, at: Date): Promise<Map<string, StepsSeen>> {
  const columns = await connection.typedColumns(sql, { experiment, at });
  const [ids, arms, times] = [columns.text('experiment_id'), columns.text('arm_id'), columns.real('step_ms')];
  const recent = columns.real('recent_people');
  const armStep = armSteps((name) => columns.real(name));
  const all = new Map<string, StepsSeen>();
  let [seen, id, step]: [StepsSeen, string | null, ArmStep[]] = [{ steps: [], recent: 0 }, null, []];
  for (let row = 0; row < columns.rows; row += 1) {
    const time = times[row] ?? 0;
    if (ids[row] !== id) {
      id = ids[row] ?? '';
      seen = { steps: [], recent: 0 };
      all.set(id, seen);
    }
    if (seen.steps.at(-1)?.at !== time) {
      step = [];
      seen.steps.push({ at: time, arms: step });
    }
    seen.recent += recent[row] ?? 0;
    step.push(armStep(arms[row] ?? '', row));
  }
  return all;
}

/** Makes the arm of a row from the columns. */
function armSteps(column: (name: string) => Float64Array): (arm: string, row: number) => ArmStep {
  const [people, crossed, contacted, delivered] = [column('people'), column('crossed'), column('contacted'), column('delivered')];
  const [messages, mature] = [column('messages'), column('mature')];
  const soFar = [column('unsubscribed_so_far'), column('failed_so_far'), column('negative_replies_so_far')] as const;
  const [read, replied, clicked, converted] = [column('read'), column('replied'), column('clicked'), column('converted')];
  const [unsubscribed, failed, negative] = [column('unsubscribed'), column('failed'), column('negative_replies')];
  return (arm_id, row) => ({
    arm_id,
    people: people[row] ?? 0,
    crossed: crossed[row] ?? 0,
    contacted: contacted[row] ?? 0,
    delivered: delivered[row] ?? 0,
    messages: messages[row] ?? 0,
    so_far: { unsubscribe: soFar[0][row] ?? 0, failure: soFar[1][row] ?? 0, negative_reply: soFar[2][row] ?? 0 },
    mature: mature[row] ?? 0,
    outcomes: {
      read: read[row] ?? 0,
      reply: replied[row] ?? 0,
      click: clicked[row] ?? 0,
      conversion: converted[row] ?? 0,
      unsubscribe: unsubscribed[row] ?? 0,
      failure: failed[row] ?? 0,
      negative_reply: negative[row] ?? 0,
    },
  });
}
