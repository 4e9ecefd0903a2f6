import type { Positions } from '../record.ts';
import type { KafkaCluster } from './client.ts';
import type { KafkaReport } from './options.ts';

const everyMs = 5000;

/**
 * Commits what the warehouse has applied to Kafka as the offsets of a group without members, so that the usual lag monitors see it.
 * Nothing of ours reads it back.
 */
export class CommittedGauge {
  private latest: Positions | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();
  private refused = false;

  constructor(
    private readonly cluster: KafkaCluster,
    private readonly groupId: string,
    private readonly report: KafkaReport,
  ) {}

  note(positions: Positions): void {
    this.latest = positions;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sending = this.send();
    }, everyMs).unref();
  }

  /** Commits what is left. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.sending;
    await this.send();
  }

  private async send(): Promise<void> {
    const positions = this.latest;
    this.latest = undefined;
    if (positions === undefined || positions.size === 0) return;
    const topics = new Map<string, { partition: number; offset: string }[]>();
    for (const [name, offset] of positions) {
      const slash = name.lastIndexOf('/');
      if (slash < 0) continue;
      const partitions = topics.get(name.slice(0, slash)) ?? [];
      topics.set(name.slice(0, slash), [...partitions, { partition: Number(name.slice(slash + 1)), offset: String(offset) }]);
    }
    try {
      const coordinator = await this.cluster.findGroupCoordinator({ groupId: this.groupId });
      await coordinator.offsetCommit({
        groupId: this.groupId,
        // no member and no generation: the offsets of a reader that manages its own positions
        groupGenerationId: -1,
        memberId: '',
        topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
      });
      this.refused = false;
    } catch (error) {
      if (!this.refused) this.report(`lag monitors do not see group ${this.groupId} move`, { error: String(error) });
      this.refused = true;
      this.latest ??= positions;
    }
  }
}
