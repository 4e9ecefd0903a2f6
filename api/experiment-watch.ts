import type { EventLogWriter } from '../ingest/event-log.ts';
import { giveCommand } from './command-log.ts';
import type { Warehouse } from './warehouse.ts';

/** Between two looks at all experiments, ms. */
const restMs = 30_000;

/** Records what verdicts say: each planned look, each day without a plan, each change. */
export class ExperimentWatch {
  private timer: NodeJS.Timeout | null = null;
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: {
      log: EventLogWriter;
      warehouse: Pick<Warehouse, 'looksDue'>;
      now: () => Date;
      report: (error: unknown) => void;
    },
  ) {}

  start(): void {
    this.timer ??= setInterval(() => {
      this.underWay = this.look().catch(this.parts.report);
    }, restMs).unref();
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    await this.underWay;
  }

  /** Looks now; tells how many looks were new. */
  async look(): Promise<number> {
    const { log, warehouse, now } = this.parts;
    const at = now();
    const due = await warehouse.looksDue(at.getTime());
    for (const { experiment_id, ...body } of due) {
      await giveCommand(
        log,
        { command: 'experiment.look', id: experiment_id, body: { ...body, document: { ...body.document } } },
        'experiments',
        at,
      );
    }
    return due.length;
  }
}
