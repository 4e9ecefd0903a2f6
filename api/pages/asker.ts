import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Warehouse } from '../warehouse.ts';

interface Waiting {
  query: MetricQuery;
  resolve: (answer: MetricAnswer) => void;
  reject: (error: unknown) => void;
}

/**
 * Puts the questions of one page together: those that differ only in their metrics are asked as one, so the answer to each may
 * carry more metrics than it named. When a joint question is refused, each is asked alone, so that only the wrong one fails.
 */
export class Asker {
  readonly answers: MetricAnswer[] = [];
  private waiting = new Map<string, Waiting[]>();

  constructor(private readonly warehouse: Pick<Warehouse, 'metrics'>) {}

  ask(query: MetricQuery): Promise<MetricAnswer> {
    return new Promise((resolve, reject) => {
      if (this.waiting.size === 0) queueMicrotask(() => this.send());
      const { metrics: _, ...same } = query;
      const key = JSON.stringify(Object.entries(same).sort(([a], [b]) => (a < b ? -1 : 1)));
      this.waiting.set(key, [...(this.waiting.get(key) ?? []), { query, resolve, reject }]);
    });
  }

  private send(): void {
    const groups = [...this.waiting.values()];
    this.waiting = new Map();
    for (const group of groups) void this.sendGroup(group);
  }

  private async sendGroup(group: Waiting[]): Promise<void> {
    const [first, ...others] = group;
    if (first === undefined) return;
    const metrics = [...new Set(group.flatMap(({ query }) => query.metrics))];
    try {
      const answer = await this.warehouse.metrics({ ...first.query, metrics });
      this.answers.push(answer);
      for (const { resolve } of group) resolve(answer);
    } catch (error) {
      if (others.length === 0) first.reject(error);
      else for (const one of group) void this.sendGroup([one]);
    }
  }
}
