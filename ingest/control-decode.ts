import type { Command } from './command.ts';
import { canonicalJson } from './json.ts';
import type { Output } from './output.ts';
import { objectOf } from './read.ts';

type ControlCommand = Extract<Command, { command: `control.${string}` | `permit.${string}` }>;

/** The rows of a command of the controller. `at` is when it was given, `source` the record as it came. */
export function pushControl({ into }: Output, command: ControlCommand, at: bigint, source: unknown): void {
  const { command_id, actor } = command;
  switch (command.command) {
    case 'control.policy':
      into.control_policy.push({
        command_id,
        policy_hash: command.id,
        given_at: at,
        actor,
        document: canonicalJson(command.body.policy),
      });
      return;
    case 'control.decision': {
      const { body } = command;
      into.control_decision.push({
        decision_id: body.decision_id,
        seq: BigInt(body.seq),
        scope: body.scope,
        decided_at: micros(body.at),
        policy_mode: body.policy_mode,
        policy_hash: body.policy_hash,
        rule: body.rule,
        window_limit: body.limit,
        per_second: body.per_second,
        reason_code: body.reason.code,
        until_at: body.until === null ? null : micros(body.until),
        owner: body.owner,
        document: canonicalJson(objectOf(source)['body']),
      });
      return;
    }
    case 'control.override': {
      const { body } = command;
      into.control_override.push({
        override_id: command.id,
        given_at: at,
        command_id,
        scope: body.scope,
        action: body.action,
        window_limit: body.window,
        per_second: body.per_second,
        reason: body.reason,
        actor,
        until_at: body.until === null ? null : micros(body.until),
      });
      return;
    }
    case 'control.lift':
      into.control_lift.push({ override_id: command.id, lifted_at: at, command_id, actor, reason: command.body.reason });
      return;
    case 'permit.grant':
      for (const grant of command.body.grants) pushGrant(into, grant);
      return;
    case 'permit.return':
      into.permit_return.push({ command_id, permit_id: command.id, count: BigInt(command.body.count), returned_at: at });
  }
}

type Grant = Extract<Command, { command: 'permit.grant' }>['body']['grants'][number];

function pushGrant(into: Output['into'], grant: Grant): void {
  const { address, people = [] } = grant;
  const granted_at = micros(grant.at);
  into.permit.push({
    permit_id: grant.permit_id,
    granted_at,
    request_id: grant.request_id,
    expires_at: micros(grant.expires_at),
    portfolio_id: address.portfolio_id ?? null,
    waba_id: address.waba_id ?? null,
    phone_number_id: address.phone_number_id ?? null,
    template_name: address.template_name ?? null,
    template_language: address.template_language ?? null,
    campaign_id: address.campaign_id ?? null,
    variant_id: address.variant_id ?? null,
    segment_id: address.segment_id ?? null,
    market: address.market ?? null,
    category: grant.category,
    granted: BigInt(grant.granted),
    is_shadow: grant.shadow,
    people: BigInt(people.length),
    answer: JSON.stringify(grant.answer ?? null),
  });
  for (const person of people) into.permit_person.push({ permit_id: grant.permit_id, person, granted_at });
}

function micros(millis: number): bigint {
  return BigInt(Math.round(millis)) * 1000n;
}
