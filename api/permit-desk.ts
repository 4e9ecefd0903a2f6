import { grantRecord } from '../controller/grant-record.ts';
import type { Grant, Permit, PermitRequest, PersonFacts } from '../controller/permit.ts';
import type { PermitBook } from '../controller/permit-book.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand } from './command-log.ts';
import type { Role } from './roles.ts';
import type { Warehouse } from './warehouse.ts';

/** Who owns the sending rights: null until the controller has taken over. */
export interface PermitSource {
  readonly book: PermitBook | null;
}

/** Hears of a grant once it is durable, or why there is none. Exactly one of the two is given. */
export type Answered = (error: unknown, grant: { answer: Permit } | null) => void;

/** Where sending rights are asked for and given back: the owner's desk, or a receiver's that passes on. */
export interface PermitOffice {
  /** @param reserved may hear of a grant before it is durable, to log beside it what goes with it; nothing may be sent for it yet */
  ask(request: PermitRequest, actor: Role, answered: Answered, reserved?: (permit: Permit) => void): void;
  giveBack(permitId: string, count: number, actor: Role): Promise<{ returned: number }>;
}

/** Most grants in one record: the first of a long turn are on their way to the disk while the others are judged. */
const mostInBatch = 64;

/** What was granted to one actor in one turn of the event loop, or the part of it that goes into one record. */
interface Batch {
  at: Date;
  grants: Grant[];
  waiting: { grant: Grant; answered: Answered }[];
}

/**
 * Makes grants durable before anybody hears of them. What is granted in one turn of the event loop becomes one record, or few; when the
 * log refuses one, all of it is taken back. Callbacks rather than promises: this is a hot path.
 */
export class PermitDesk implements PermitOffice {
  private readonly batches = new Map<Role, Batch>();
  /** Batches on their way into the log: few, and asked for only when a request is repeated. */
  private readonly pending = new Set<Batch>();
  private readonly returning = new Map<string, Promise<unknown>>();
  /** The time of this turn of the event loop. */
  private turn: Date | null = null;

  constructor(
    private readonly parts: {
      control: PermitSource;
      log: EventLogWriter;
      warehouse: Pick<Warehouse, 'people'>;
      now: () => Date;
    },
  ) {}

  /** Answers a request: `control_starting`, `request_id_reused` and `log_unavailable` are its errors, besides the warehouse's. */
  ask(request: PermitRequest, actor: Role, answered: Answered, reserved?: (permit: Permit) => void): void {
    if (request.contacts === null) {
      this.judge(request, null, actor, answered, reserved);
      return;
    }
    try {
      const at = this.now().getTime();
      const book = this.book();
      const known = book.recall(request, at);
      if (known !== null) this.whenDurable(known, answered);
      else {
        this.parts.warehouse.people(request.contacts, at, book.lookBackHours(request)).then(
          (people) => this.judge(request, people, actor, answered, reserved),
          (error) => answered(error, null),
        );
      }
    } catch (error) {
      answered(error, null);
    }
  }

  /**
   * Takes rights back: in all, `count` of this permit will not be used. Answers how many came back now; durable by then.
   * @throws SluiceError `control_starting`, `not_found`, `permit_over`, `log_unavailable`
   */
  async giveBack(permitId: string, count: number, actor: Role): Promise<{ returned: number }> {
    const before = this.returning.get(permitId) ?? Promise.resolve();
    const work = before.catch(() => undefined).then(() => this.takeBack(permitId, count, actor));
    this.returning.set(permitId, work);
    try {
      return await work;
    } finally {
      if (this.returning.get(permitId) === work) this.returning.delete(permitId);
    }
  }

  private async takeBack(permitId: string, count: number, actor: Role): Promise<{ returned: number }> {
    const book = this.book();
    const at = this.parts.now();
    const permit = book.permit(permitId);
    if (permit === null) throw new SluiceError('not_found', { detail: 'no permit with this id, or it is over for long' });
    if (permit.expires_at <= at.getTime()) {
      throw new SluiceError('permit_over', { detail: `it ended at ${new Date(permit.expires_at).toISOString()}` });
    }
    const back = book.returnable(permitId, count, at.getTime());
    if (back > 0) {
      await giveCommand(this.parts.log, { command: 'permit.return', id: permitId, body: { count: back } }, actor, at);
      book.giveBack(permitId, count, at.getTime());
    }
    return { returned: back };
  }

  private judge(
    request: PermitRequest,
    people: readonly PersonFacts[] | null,
    actor: Role,
    answered: Answered,
    reserved?: (permit: Permit) => void,
  ): void {
    try {
      const book = this.book();
      const repeated = book.counters.repeated;
      const grant = book.grant(request, people, this.now().getTime());
      if (book.counters.repeated > repeated) this.whenDurable(grant, answered);
      else if (grant.granted === 0) answered(null, grant);
      else {
        const batch = this.batchOf(actor, book);
        batch.grants.push(grant);
        batch.waiting.push({ grant, answered });
        reserved?.(grant.answer);
        if (batch.grants.length === mostInBatch) this.write(batch, actor, book);
      }
    } catch (error) {
      answered(error, null);
    }
  }

  /** Answers at once, unless the grant is still on its way into the log. */
  private whenDurable(grant: Grant, answered: Answered): void {
    for (const batch of this.pending) {
      if (!batch.grants.includes(grant)) continue;
      batch.waiting.push({ grant, answered });
      return;
    }
    answered(null, grant);
  }

  /** The batch of this turn, to be written when the turn is over. */
  private batchOf(actor: Role, book: PermitBook): Batch {
    const open = this.batches.get(actor);
    if (open !== undefined) return open;
    const batch: Batch = { at: this.now(), grants: [], waiting: [] };
    this.batches.set(actor, batch);
    this.pending.add(batch);
    setImmediate(() => {
      if (this.batches.get(actor) === batch) this.write(batch, actor, book);
    });
    return batch;
  }

  private write(batch: Batch, actor: Role, book: PermitBook): void {
    this.batches.delete(actor);
    const order = {
      command: 'permit.grant',
      id: batch.grants[0]?.permit_id ?? '',
      body: { grants: batch.grants.map(grantRecord) },
    } as const;
    giveCommand(this.parts.log, order, actor, batch.at).then(
      () => this.settle(batch, null),
      (error: unknown) => {
        for (const { permit_id } of batch.grants) book.cancel(permit_id);
        this.settle(batch, error);
      },
    );
  }

  private settle(batch: Batch, error: unknown): void {
    this.pending.delete(batch);
    for (const { grant, answered } of batch.waiting) answered(error, error === null ? grant : null);
  }

  /** The clock, read once a turn. */
  private now(): Date {
    if (this.turn === null) {
      this.turn = this.parts.now();
      setImmediate(() => {
        this.turn = null;
      });
    }
    return this.turn;
  }

  private book(): PermitBook {
    const { book } = this.parts.control;
    if (book === null || !book.ready) throw new SluiceError('control_starting');
    return book;
  }
}
