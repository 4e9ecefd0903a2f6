import type { Controller } from '../controller/controller.ts';
import type { Decision } from '../controller/decision.ts';
import type { Policy } from '../controller/policy.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { giveCommands, type Order } from './command-log.ts';
import { campaignOf } from './control-scope.ts';

/** So many decisions are one append: a few kilobytes each, far below what a record of the log may have. */
const together = 50;

interface Unwritten {
  decision: Decision;
  policy: Policy;
}

/**
 * Makes decisions durable before they take effect. What the log refused stays and is written again, the very same, before anything
 * new: the trail has no gap and no number twice.
 */
export class ControlTrail {
  private readonly unwritten: Unwritten[] = [];
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
    for (let next = this.unwritten.slice(0, together); next.length > 0; next = this.unwritten.slice(0, together)) {
      await this.write(next);
      this.unwritten.splice(0, next.length);
      const decisions = next.map(({ decision }) => decision);
      controller.accept(decisions);
      for (const decision of decisions) this.inForce(decision);
    }
  }

  /** Policies that these name and the log has not heard of go before them. */
  private async write(next: readonly Unwritten[]): Promise<void> {
    const news = new Map<string, Policy>();
    const orders = next.flatMap(({ decision, policy }): { order: Order; at: Date }[] => {
      const { scope, policy_hash } = decision;
      const at = new Date(decision.at);
      const order: Order = { command: 'control.decision', id: scope, body: decision };
      if (this.policies.has(policy_hash) || news.has(policy_hash)) return [{ order, at }];
      news.set(policy_hash, policy);
      return [
        { order: { command: 'control.policy', id: policy_hash, body: { policy } }, at },
        { order, at },
      ];
    });
    await giveCommands(this.log, orders, 'controller');
    for (const hash of news.keys()) this.policies.add(hash);
  }
}
