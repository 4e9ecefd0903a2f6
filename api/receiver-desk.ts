import { v7 as uuidv7 } from 'uuid';
import { grantRecord } from '../controller/grant-record.ts';
import type { Grant, Permit, PermitRequest } from '../controller/permit.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand } from './command-log.ts';
import { problemError } from './commands/remote-client.ts';
import type { Answered, PermitOffice } from './permit-desk.ts';
import { BudgetBook, type Wanted } from './receiver-budget.ts';
import { OwnerAway, type OwnerLink } from './receiver-owner.ts';
import type { Role } from './roles.ts';

/** How long the owner may take to answer about permits, ms. */
const patienceMs = 5000;
/** How long a part of a budget lasts that names no length, ms. */
const leaseMs = 60_000;
/** Requests whose fate the owner alone knows. */
const mostUnsure = 100_000;

export interface ReceiverDeskParts {
  owner: OwnerLink;
  /** The token shown to the owner; null = nothing is passed on. */
  token: string | null;
  /** Rights by count to hold of each stream in use; 0 for none. */
  budget: number;
  log: EventLogWriter;
  now: () => Date;
}

/**
 * A receiver's desk: every request goes to the owner of the sending rights, whose answer it is. Only when the owner is away, and never
 * for lists of people, what the receiver holds is split, durable before it is answered like every grant.
 */
export class ReceiverDesk implements PermitOffice {
  readonly counters = { passed: 0, split: 0, away: 0 };
  private readonly budgets = new BudgetBook();
  /** Ids of requests that the owner may have answered though nobody heard it. */
  private readonly unsure = new Set<string>();
  private readonly writing = new Map<string, Promise<Grant>>();
  private renewing: Promise<void> | null = null;

  constructor(private readonly parts: ReceiverDeskParts) {}

  ask(request: PermitRequest, actor: Role, answered: Answered): void {
    this.answer(request, actor).then(
      (answer) => answered(null, { answer }),
      (error) => answered(error, null),
    );
  }

  async giveBack(permitId: string, count: number, actor: Role): Promise<{ returned: number }> {
    try {
      const path = `/v1/permits/${encodeURIComponent(permitId)}/return`;
      return { returned: (await this.post<{ returned: number }>(path, { count })).returned };
    } catch (error) {
      const unknown = error instanceof OwnerAway || (error instanceof SluiceError && error.code === 'not_found');
      const at = this.parts.now();
      if (!unknown || this.budgets.part(permitId, at.getTime()) === null) throw heard(error);
      const returned = this.budgets.giveBack(permitId, count, at.getTime());
      const order = { command: 'permit.return', id: permitId, body: { count: returned } } as const;
      if (returned > 0) await giveCommand(this.parts.log, order, actor, at);
      return { returned };
    }
  }

  /** Rights that may be granted without the owner now. */
  held(): number {
    return this.budgets.held(this.at());
  }

  /** Asks the owner for budgets of the streams in use; to be called every second or so. One call at a time. */
  renew(): Promise<void> {
    this.renewing ??= this.renewAll().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async answer(request: PermitRequest, actor: Role): Promise<Permit> {
    const known = this.budgets.recall(request, this.at());
    if (known !== null) return ((await this.writing.get(known.permit_id)) ?? known).answer;
    try {
      const answer = await this.pass(request);
      this.counters.passed += 1;
      this.unsure.delete(request.request_id);
      if (request.contacts === null && this.parts.budget > 0) {
        this.budgets.want(request, this.at());
        this.budgets.remember(request, answer, this.at());
      }
      return answer;
    } catch (error) {
      const nothingDone = error instanceof OwnerAway ? !error.mayHaveActed : isStarting(error);
      if (!nothingDone) this.doubt(request, error);
      if (nothingDone && request.contacts === null && !this.unsure.has(request.request_id)) {
        const grant = await this.split(request, actor);
        if (grant !== null) return grant.answer;
      }
      if (error instanceof OwnerAway) this.counters.away += 1;
      throw heard(error);
    }
  }

  /** Splits what is held and makes it durable: the part first, then what it leaves of the whole, so that no reader sees too little out. */
  private async split(request: PermitRequest, actor: Role): Promise<Grant | null> {
    const at = this.parts.now();
    const known = this.budgets.recall(request, at.getTime());
    if (known !== null) return (await this.writing.get(known.permit_id)) ?? known;
    const part = this.budgets.split(request, (request.lease_seconds ?? leaseMs / 1000) * 1000, at.getTime());
    if (part === null) return null;
    const { grant, of } = part;
    const { log } = this.parts;
    const written = (async () => {
      await giveCommand(log, { command: 'permit.grant', id: grant.permit_id, body: { grants: [grantRecord(grant)] } }, actor, at);
      await giveCommand(log, { command: 'permit.return', id: of, body: { count: grant.granted } }, actor, at);
      return grant;
    })();
    this.writing.set(grant.permit_id, written);
    try {
      await written;
      this.counters.split += grant.granted;
      return grant;
    } catch (error) {
      this.budgets.cancel(grant);
      throw error;
    } finally {
      this.writing.delete(grant.permit_id);
    }
  }

  private async renewAll(): Promise<void> {
    const { budget, token } = this.parts;
    this.budgets.prune(this.at());
    if (budget === 0 || token === null) return;
    for (const wanted of this.budgets.toRenew(this.at())) {
      try {
        await this.renewOne(wanted, budget);
      } catch (error) {
        if (error instanceof OwnerAway) return;
        throw error;
      }
    }
  }

  private async renewOne(wanted: Wanted, count: number): Promise<void> {
    const request_id = `budget-${uuidv7()}`;
    const permit = await this.pass({ ...wanted, request_id, count, contacts: null, lease_seconds: null });
    const old = this.budgets.add(wanted, permit, this.at());
    if (old !== null) await this.post(`/v1/permits/${old.permit_id}/return`, { count: old.count });
  }

  private async pass(request: PermitRequest): Promise<Permit> {
    const permit = await this.post<Omit<Permit, 'expires_at'> & { expires_at: string }>('/v1/permits', bodyOf(request));
    return { ...permit, expires_at: Date.parse(permit.expires_at) };
  }

  /** @throws OwnerAway, or the SluiceError that the owner answered */
  private async post<T>(path: string, body: object): Promise<T> {
    const { owner, token } = this.parts;
    if (token === null) throw new SluiceError('warehouse_elsewhere', { detail: 'SLUICE_OWNER_TOKEN is empty' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await owner.ask({ method: 'POST', path, headers, body: JSON.stringify(body), patienceMs });
    const text = await answer.body.text().catch((cause) => {
      throw new OwnerAway(true, cause);
    });
    if (answer.statusCode === 200) return JSON.parse(text) as T;
    if (answer.statusCode === 401 || answer.statusCode === 403) {
      throw new SluiceError('warehouse_elsewhere', { detail: 'the warehouse does not take SLUICE_OWNER_TOKEN for permits' });
    }
    throw problemError(text, answer.statusCode);
  }

  private doubt({ request_id }: PermitRequest, error: unknown): void {
    if (!(error instanceof OwnerAway)) return;
    this.unsure.add(request_id);
    const [oldest] = this.unsure;
    if (this.unsure.size > mostUnsure && oldest !== undefined) this.unsure.delete(oldest);
  }

  private at(): number {
    return this.parts.now().getTime();
  }
}

/** A warehouse that has only just taken over grants nothing yet, to anybody. */
const isStarting = (error: unknown) => error instanceof SluiceError && error.code === 'control_starting';

const heard = (error: unknown) => (error instanceof OwnerAway ? error.problem : error);

/** The body of `POST /v1/permits` that asks for this. */
function bodyOf({ request_id, address, category, count, contacts, lease_seconds }: PermitRequest): object {
  const { portfolio_id: _portfolio, waba_id: _waba, ...named } = address;
  const people = contacts?.map(present);
  return {
    request_id,
    category,
    ...present(named),
    ...present({ count, lease_seconds }),
    ...(people ? { contacts: people } : {}),
  };
}

const present = (parts: object) => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null));
