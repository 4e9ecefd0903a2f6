import type { Command } from './command.ts';
import { designHash, measured } from './experiment-command.ts';
import { canonicalJson } from './json.ts';
import type { Output } from './output.ts';
import { objectOf } from './read.ts';

type ExperimentCommand = Extract<Command, { command: `experiment.${string}` }>;

/** The rows of a command about an experiment. `at` is when it was given, `source` the record as it came. */
export function pushExperiment({ into }: Output, command: ExperimentCommand, at: bigint, source: unknown): void {
  const { command_id, id } = command;
  if (command.command === 'experiment.look') {
    const { design_hash, look, state } = command.body;
    into.experiment_look.push({
      experiment_id: id,
      look_key: `${design_hash}/${look}/${state}`,
      looked_at: at,
      command_id,
      design_hash,
      look,
      state,
      document: canonicalJson(objectOf(objectOf(source)['body'])['document']),
    });
    return;
  }
  const { body } = command;
  const { metric, goal, age_hours } = measured(body);
  into.experiment.push({
    experiment_id: id,
    changed_at: at,
    command_id,
    name: body.name,
    campaign_id: body.campaign_id ?? id,
    dimension: body.dimension,
    salt: body.salt ?? id,
    metric,
    goal,
    age_h: age_hours,
    currency: body.currency ?? null,
    arms: canonicalJson(body.arms),
    plan: body.plan === undefined ? null : canonicalJson(body.plan),
    design_hash: designHash(id, body),
    settings: canonicalJson(objectOf(source)['body']),
  });
}
