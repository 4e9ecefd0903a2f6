import { Agent, request } from 'undici';
import { z } from 'zod';
import type { EventLogWriter } from '../../ingest/event-log.ts';
import type { Config } from '../config.ts';
import type { Category } from '../gateway/send.ts';
import { CallBudget } from './call-budget.ts';
import {
  type HealthChange,
  type NumberHealth,
  numberChanges,
  numberFields,
  numberSchema,
  type TemplateHealth,
  templateChanges,
  templateFields,
  templateSchema,
} from './health-change.ts';

const tickMs = 1_000;
/** Nothing is read more often than so, ms: ratings change within minutes. */
const leastMs = 60_000;
const patienceMs = 15_000;
/** Pages of templates; the platform allows 6,000 templates an account. */
const mostPages = 100;

/** A number of ours and the account that it belongs to. */
export interface PolledNumber {
  phone_number_id: string;
  waba_id: string | null;
}

export interface PollerParts {
  config: NonNullable<Config['poll']>;
  graphUrl: string;
  log: EventLogWriter;
  now: () => Date;
  numbers: () => readonly PolledNumber[];
  report: (error: unknown) => void;
}

/** Something to read: a number, or a page of an account's templates. */
type Target =
  | { kind: 'number'; id: string; wabaId: string }
  | { kind: 'templates'; wabaId: string; after: string | null; page: number };

/** What is new, and what to do once it is told: until then it is new. */
interface News {
  changes: HealthChange[];
  told: () => void;
}

const graphError = z.object({ error: z.object({ code: z.number() }) });
const templatePage = z.object({
  data: z.array(z.unknown()),
  paging: z.object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() }).optional(),
});

/**
 * Asks the platform what no webhook tells (quality of numbers, health) and what a lost one would have told, on a budget of calls. What
 * is new goes into the log in the form of the platform's webhooks, marked `source: poll`.
 */
export class Poller {
  readonly counters = { calls: 0, failures: 0, changes: 0 };
  private readonly agent = new Agent({ connections: 1, pipelining: 1, headersTimeout: patienceMs, bodyTimeout: patienceMs });
  private readonly budget: CallBudget;
  private readonly numbers = new Map<string, NumberHealth>();
  private readonly templates = new Map<string, TemplateHealth>();
  private queue: Target[] = [];
  private roundAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;
  private underWay: Promise<void> | null = null;

  constructor(private readonly parts: PollerParts) {
    this.budget = new CallBudget(parts.config.callsPerHour, this.at());
  }

  start(): void {
    this.timer ??= setInterval(() => void this.turn(), tickMs).unref();
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.agent.destroy();
    await this.underWay;
  }

  /** What the platform says that templates of this name are; null where it was not read, or they differ. */
  categoryOf = (template: string): Category | null => {
    const found = new Set<string>();
    for (const { name, category } of this.templates.values())
      if (name === template && category) found.add(category.toLowerCase());
    const [only] = found;
    return found.size === 1 && (only === 'marketing' || only === 'utility' || only === 'authentication') ? only : null;
  };

  /** Reads what is due, as far as the budget goes. One at a time. */
  turn(): Promise<void> {
    this.underWay ??= this.readDue()
      .catch(this.parts.report)
      .finally(() => {
        this.underWay = null;
      });
    return this.underWay;
  }

  private async readDue(): Promise<void> {
    if (this.queue.length === 0 && this.at() >= this.roundAt + leastMs) {
      this.roundAt = this.at();
      this.queue = this.targets();
    }
    for (let next = this.queue[0]; next !== undefined && this.budget.take(this.at()); next = this.queue[0]) {
      if (!(await this.read(next))) return;
      if (this.queue[0] === next) this.queue.shift();
    }
  }

  private targets(): Target[] {
    const known = this.parts
      .numbers()
      .flatMap(({ phone_number_id: id, waba_id }) => (waba_id === null ? [] : [{ id, wabaId: waba_id }]));
    const accounts = [...new Set(known.map(({ wabaId }) => wabaId))];
    return [
      ...known.map((one) => ({ kind: 'number' as const, ...one })),
      ...accounts.map((wabaId) => ({ kind: 'templates' as const, wabaId, after: null, page: 1 })),
    ];
  }

  /** False when it is to be tried again, after a rest. */
  private async read(target: Target): Promise<boolean> {
    const answer = await this.get(target);
    if (answer === null) return false;
    const { changes, told } = target.kind === 'number' ? this.numberNews(answer) : this.templateNews(target, answer);
    if (changes.length > 0) await this.tell(target.wabaId, changes);
    told();
    return true;
  }

  private numberNews(answer: unknown): News {
    const now = numberSchema.parse(answer);
    const changes = numberChanges(this.numbers.get(now.id) ?? null, now);
    return { changes, told: () => void this.numbers.set(now.id, now) };
  }

  private templateNews(target: Extract<Target, { kind: 'templates' }>, answer: unknown): News {
    const { data, paging } = templatePage.parse(answer);
    const after = paging?.cursors?.after ?? null;
    // One that is not as documented keeps nobody from the others.
    const read = data.flatMap((item) => templateSchema.safeParse(item).data ?? []);
    const changes = read.flatMap((now) => templateChanges(this.templates.get(now.id) ?? null, now));
    const told = () => {
      for (const now of read) this.templates.set(now.id, now);
      if (paging?.next !== undefined && after !== null && target.page < mostPages) {
        this.queue.splice(1, 0, { ...target, after, page: target.page + 1 });
      }
    };
    return { changes, told };
  }

  /** The answer; null when there is none: then the budget rests. */
  private async get(target: Target): Promise<unknown> {
    const { token, version } = this.parts.config;
    const query =
      target.kind === 'number'
        ? `${target.id}?fields=${numberFields.join(',')}`
        : `${target.wabaId}/message_templates?fields=${templateFields.join(',')}&limit=100${target.after === null ? '' : `&after=${encodeURIComponent(target.after)}`}`;
    this.counters.calls += 1;
    try {
      const answer = await request(`${this.parts.graphUrl}/${version}/${query}`, {
        dispatcher: this.agent,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      });
      const body: unknown = JSON.parse(await answer.body.text());
      if (answer.statusCode === 200) {
        this.budget.well();
        return body;
      }
      this.counters.failures += 1;
      const code = graphError.safeParse(body).data?.error.code ?? answer.statusCode;
      this.parts.report(new Error(`the platform answered ${answer.statusCode} (${code}) to a question about ${target.kind}`));
      // What it does not know or does not show is not asked again in this round; everything else is a reason to rest.
      if (answer.statusCode === 400 && (code === 33 || code === 100)) return this.skip(target);
      const said = Number(answer.headers['retry-after']);
      this.budget.trouble(this.at(), Number.isFinite(said) ? said * 1000 : null);
      return null;
    } catch (error) {
      this.counters.failures += 1;
      this.parts.report(error);
      this.budget.trouble(this.at());
      return null;
    }
  }

  private skip(target: Target): null {
    if (this.queue[0] === target) this.queue.shift();
    return null;
  }

  private async tell(wabaId: string, changes: HealthChange[]): Promise<void> {
    const at = this.at();
    const body = { object: 'whatsapp_business_account', entry: [{ id: wabaId, time: Math.floor(at / 1000), changes }] };
    await this.parts.log.append('webhook', Buffer.from(JSON.stringify(body)), BigInt(at) * 1000n);
    this.counters.changes += changes.length;
  }

  private at(): number {
    return this.parts.now().getTime();
  }
}
