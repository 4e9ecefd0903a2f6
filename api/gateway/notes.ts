import type { FirstPartyEventInput } from '../../ingest/event.ts';
import type { EventLogWriter } from '../../ingest/event-log.ts';

/** How long an event that nobody waits for may wait for another one's record, ms. */
const lingerMs = 25;
/** After a failed write the next try waits this long, ms. */
const retryMs = 1_000;
/** Events in one record. */
const mostEvents = 100;

export interface NoteParts {
  log: EventLogWriter;
  now: () => Date;
  /** Told of what could not be written. */
  report: (error: unknown) => void;
}

/**
 * What the gateway tells the log. A send's own event is awaited; what the platform answered goes along with the next one, or alone soon
 * after: a commit for each answer would be half of all commits, and the sends that come meanwhile would wait for it.
 */
export class Notes {
  private waiting: FirstPartyEventInput[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly parts: NoteParts) {}

  /** Resolves when the event is durable. What waits goes along, and waits on when the record cannot be written. */
  async tell(event: FirstPartyEventInput): Promise<void> {
    const along = this.waiting.splice(0, mostEvents - 1);
    try {
      await this.write([event, ...along]);
    } catch (error) {
      this.keep(along);
      throw error;
    }
  }

  /** Writes the event within a moment, and again until the log takes it. */
  tellLater(event: FirstPartyEventInput): void {
    this.waiting.push(event);
    this.wake(lingerMs);
  }

  /** Writes what waits, as far as the log takes it. */
  async close(): Promise<void> {
    await this.flush();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private wake(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.flush();
    }, ms).unref();
  }

  private async flush(): Promise<void> {
    while (this.waiting.length > 0) {
      const events = this.waiting.splice(0, mostEvents);
      try {
        await this.write(events);
      } catch (error) {
        this.parts.report(error);
        return this.keep(events);
      }
    }
  }

  /** An event that was written after all is known by its id and counts once. */
  private keep(events: readonly FirstPartyEventInput[]): void {
    if (events.length === 0) return;
    this.waiting.unshift(...events);
    this.wake(retryMs);
  }

  private async write(events: readonly FirstPartyEventInput[]): Promise<void> {
    const { log, now } = this.parts;
    await log.append('event', Buffer.from(JSON.stringify(events)), BigInt(now().getTime()) * 1000n);
  }
}
