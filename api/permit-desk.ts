import type { Grant, PermitRequest } from '../controller/permit.ts';
import type { PermitBook } from '../controller/permit-book.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand } from './command-log.ts';
import type { Role } from './roles.ts';
import type { Warehouse } from './warehouse.ts';

/** Who owns the sending rights; SHELL's loop, or null until it has taken over. */
export interface PermitSource {
  readonly book: PermitBook | null;
}

interface Batch {
  grants: Grant[];
  at: Date;
  written: Promise<void>;
}

/**
 * Makes grants durable before anybody hears of them. What is granted in one turn of the event loop becomes one record; when the log
 * refuses it, all of it is taken back.
 */
export class PermitDesk {
  /** By actor: what was granted in this turn. */
  private readonly batches = new Map<Role, Batch>();
  /** Grants on their way into the log, by permit. */
  private readonly pending = new Map<string, Promise<void>>();
  private readonly returning = new Map<string, Promise<unknown>>();

  constructor(
    private readonly parts: {
      control: PermitSource;
      log: EventLogWriter;
      warehouse: Pick<Warehouse, 'people'>;
      now: () => Date;
    },
  ) {}

  /**
   * Answers a request once its grant is durable.
   * @throws SluiceError `control_starting`, `request_id_reused`, `log_unavailable`
   */
  async ask(request: PermitRequest, actor: Role): Promise<Grant> {
    const { warehouse, now } = this.parts;
    let at = now();
    const known = this.book().recall(request, at.getTime());
    if (known !== null) return this.settled(known);
    if (request.contacts === null) return this.grant(request, null, at, actor);
    const people = await warehouse.people(request.contacts, at.getTime());
    at = now();
    return this.grant(request, people, at, actor);
  }

  /**
   * Takes rights back: in all, `count` of this permit will not be used. Answers how many came back now; durable by then.
   * @throws SluiceError `control_starting`, `not_found`, `permit_over`, `log_unavailable`
   */
  async giveBack(permitId: string, count: number, actor: Role): Promise<{ returned: number }> {
    const before = this.returning.get(permitId) ?? this.pending.get(permitId);
    const work = (before ?? Promise.resolve()).catch(() => undefined).then(() => this.takeBack(permitId, count, actor));
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

  private async grant(request: PermitRequest, people: Parameters<PermitBook['grant']>[1], at: Date, actor: Role): Promise<Grant> {
    const book = this.book();
    // Judged meanwhile, by a request that came while the people were looked up.
    const known = book.recall(request, at.getTime());
    if (known !== null) return this.settled(known);
    const grant = book.grant(request, people, at.getTime());
    if (grant.granted === 0) return grant;
    let batch = this.batches.get(actor);
    if (batch === undefined) {
      batch = { grants: [], at, written: this.write(actor, book) };
      this.batches.set(actor, batch);
    }
    const { written } = batch;
    batch.grants.push(grant);
    this.pending.set(grant.permit_id, written);
    await written;
    return grant;
  }

  /** Writes the batch of this turn when the turn is over. */
  private write(actor: Role, book: PermitBook): Promise<void> {
    return new Promise((resolve, reject) => {
      setImmediate(async () => {
        const batch = this.batches.get(actor);
        this.batches.delete(actor);
        if (batch === undefined) return resolve();
        const { grants, at } = batch;
        try {
          await giveCommand(
            this.parts.log,
            { command: 'permit.grant', id: grants[0]?.permit_id ?? '', body: { grants } },
            actor,
            at,
          );
          resolve();
        } catch (error) {
          for (const { permit_id } of grants) book.cancel(permit_id);
          reject(error);
        } finally {
          for (const { permit_id } of grants) this.pending.delete(permit_id);
        }
      });
    });
  }

  /** A repeated request waits for the first one's record. */
  private async settled(grant: Grant): Promise<Grant> {
    await this.pending.get(grant.permit_id);
    return grant;
  }

  private book(): PermitBook {
    const { book } = this.parts.control;
    if (book === null || !book.ready) throw new SluiceError('control_starting');
    return book;
  }
}
