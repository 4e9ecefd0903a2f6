import type { Controller } from '../controller/controller.ts';
import type { Decision } from '../controller/decision.ts';
import type { Policy } from '../controller/policy.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { giveCommand } from './command-log.ts';
import { campaignOf } from './control-scope.ts';

/**
 * Makes decisions durable before they take effect. What the log refused stays and is written again, the very same, before anything
 * new: the trail has no gap and no number twice.
 */
export class ControlTrail {
  private readonly unwritten: { decision: Decision; policy: Policy }[] = [];
  private readonly policies = new Set<string>();

  /** @param inForce told of each decision once it is durable and the controller's state */
  constructor(
    private readonly log: EventLogWriter,
    private readonly inForce: (decision: Decision) => void = () => undefined,
  ) {}

  /** Writes these and makes them the controller's state. @throws SluiceError `log_unavailable`: then the rest has no effect yet */
  async record(controller: Controller, decisions: readonly Decision[]): Promise<void> {
    for (const decision of decisions) {
      this.unwritten.push({ decision, policy: controller.policyOf(campaignOf(decision.scope)) });
    }
    await this.finish(controller);
  }

  /** Writes what an earlier call could not. */
  async finish(controller: Controller): Promise<void> {
    for (let next = this.unwritten[0]; next !== undefined; next = this.unwritten[0]) {
      await this.write(next.decision, next.policy);
      controller.accept([next.decision]);
      this.unwritten.shift();
      this.inForce(next.decision);
    }
  }

  private async write(decision: Decision, policy: Policy): Promise<void> {
    const at = new Date(decision.at);
    const { policy_hash } = decision;
    if (!this.policies.has(policy_hash)) {
      await giveCommand(this.log, { command: 'control.policy', id: policy_hash, body: { policy } }, 'controller', at);
      this.policies.add(policy_hash);
    }
    await giveCommand(this.log, { command: 'control.decision', id: decision.scope, body: decision }, 'controller', at);
  }
}
