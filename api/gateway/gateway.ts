import type { Permit, PermitRequest } from '../../controller/permit.ts';
import type { FirstPartyEventInput } from '../../ingest/event.ts';
import type { EventLogWriter } from '../../ingest/event-log.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Answered, PermitOffice } from '../permit-desk.ts';
import { failureOf, type GraphError, refusalOf } from './graph-error.ts';
import { Notes } from './notes.ts';
import { type PlatformAnswer, PlatformAway, type PlatformLink } from './platform-link.ts';
import { type Category, readSend, type Send } from './send.ts';

/** How long the permit office may take, ms. */
const patienceMs = 5_000;
/** Plain callback texts that are remembered as send ids. */
const mostTaken = 100_000;

export interface GatewayParts {
  office: PermitOffice;
  log: EventLogWriter;
  platform: Pick<PlatformLink, 'send'>;
  now: () => Date;
  newId: () => string;
  /** Whether each person is judged (consent, caps, hours), or sends are only counted. */
  judges: 'people' | 'count';
  categoryOf: (template: string) => Category | null;
  /** Told of what could not be written after a message was out. */
  report: (error: unknown) => void;
}

/** What came of a request: the platform's answer, or ours in its form. */
export type Outcome = { answer: PlatformAnswer } | { refusal: GraphError };

/** What was done since the start, for monitoring. */
export interface GatewayCounters {
  /** Sends that went to the platform. */
  forwarded: number;
  /** Sends that got no right. */
  refused: number;
  /** Sends for which no right could be had: the office or the log was away. */
  failed: number;
  /** Sends that the platform did not answer. */
  unanswered: number;
  /** What is no send, passed through. */
  passed: number;
}

/** A send of a sender that cannot ask: one right for each, in the log before it goes out; without a right nothing goes. */
export class Gateway {
  readonly counters: GatewayCounters = { forwarded: 0, refused: 0, failed: 0, unanswered: 0, passed: 0 };
  private readonly taken = new Set<string>();
  private readonly notes: Notes;

  constructor(private readonly parts: GatewayParts) {
    this.notes = new Notes(parts);
  }

  /** @param path and query as they go to the platform */
  async post(asked: {
    path: string;
    phoneNumberId: string;
    edge: string;
    text: string;
    headers: Record<string, string | string[] | undefined>;
  }): Promise<Outcome> {
    const { newId, categoryOf } = this.parts;
    const read = readSend({ ...asked, newId, categoryOf, isTaken: (text) => this.taken.has(text) });
    if ('refusal' in read) return read;
    if ('pass' in read) {
      this.counters.passed += 1;
      return this.forward(asked.path, asked.headers, read.pass);
    }
    const { send } = read;
    let permit: Permit;
    let told: Promise<void> | undefined;
    const tellOf = ({ permit_id }: Permit) => {
      told ??= this.tell(requested(send, permit_id, newId(), this.parts.now()));
      told.catch(() => undefined); // waited for below, if the right is durable
      return told;
    };
    try {
      // The right and the send that it is for are written by one commit; both are durable before anything goes out.
      permit = await this.right(send, tellOf);
      if (permit.granted < 1) {
        this.counters.refused += 1;
        return { refusal: refusalOf(permit) };
      }
      await tellOf(permit);
      if (this.parts.now().getTime() >= permit.expires_at) throw new SluiceError('permit_over');
    } catch (error) {
      this.counters.failed += 1;
      return { refusal: error instanceof SluiceError && error.code === 'permit_over' ? failureOf(null) : failureOf(error) };
    }
    this.take(send.plainText);
    this.counters.forwarded += 1;
    const outcome = await this.forward(asked.path, asked.headers, send.body, () => this.giveBack(permit.permit_id));
    const event = 'answer' in outcome ? answered(send, outcome.answer, newId(), this.parts.now()) : null;
    if (event?.type !== 'message.accepted' && event?.type !== 'message.held') this.untake(send.plainText);
    // The platform has spoken: the sender hears it now, and the statuses would tell the same.
    if (event !== null && send.person !== null) this.notes.tellLater(event);
    return outcome;
  }

  /** Resolves when what the platform answered is in the log, as far as it can be written. */
  close(): Promise<void> {
    return this.notes.close();
  }

  /** Asks for one right. What is not answered in time is no. */
  private right(send: Send, reserved: (permit: Permit) => void): Promise<Permit> {
    const request: PermitRequest = {
      request_id: `gateway-${this.parts.newId()}`,
      address: {
        portfolio_id: null,
        waba_id: null,
        phone_number_id: send.phoneNumberId,
        template_name: send.templateName,
        template_language: send.templateLanguage,
        campaign_id: send.campaignId,
        variant_id: send.variantId,
        segment_id: send.segmentId,
      },
      category: send.category,
      count: this.parts.judges === 'count' || send.person === null ? 1 : null,
      contacts: this.parts.judges === 'count' || send.person === null ? null : [send.person],
      lease_seconds: null,
    };
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new SluiceError('warehouse_busy')), patienceMs).unref();
      const answered: Answered = (error, grant) => {
        clearTimeout(late);
        if (grant === null) reject(error);
        else resolve(grant.answer);
      };
      this.parts.office.ask(request, 'ingest', answered, reserved);
    });
  }

  private async forward(
    path: string,
    headers: Record<string, string | string[] | undefined>,
    body: string,
    unsent: () => void = () => undefined,
  ): Promise<Outcome> {
    try {
      return { answer: await this.parts.platform.send(path, headers, body) };
    } catch (error) {
      if (!(error instanceof PlatformAway)) throw error;
      this.counters.unanswered += 1;
      if (!error.mayHaveSent) unsent();
      const details = error.mayHaveSent
        ? 'Sluice: the platform did not answer; the message may be out. Look for its biz_opaque_callback_data before sending again'
        : 'Sluice: the platform cannot be reached; nothing was sent';
      return {
        refusal: error.mayHaveSent
          ? { status: 504, code: 131000, details, retryMs: null }
          : { status: 503, code: 131016, details, retryMs: 5_000 },
      };
    }
  }

  private async tell(event: FirstPartyEventInput | null): Promise<void> {
    if (event !== null) await this.notes.tell(event);
  }

  private giveBack(permitId: string): void {
    this.parts.office.giveBack(permitId, 1, 'ingest').catch(this.parts.report);
  }

  private take(text: string | null): void {
    if (text === null) return;
    this.taken.add(text);
    const [oldest] = this.taken;
    if (this.taken.size > mostTaken && oldest !== undefined) this.taken.delete(oldest);
  }

  private untake(text: string | null): void {
    if (text !== null) this.taken.delete(text);
  }
}

/** `message.requested`; null for groups, whose members are not known here. */
function requested(send: Send, permitId: string, id: string, at: Date): FirstPartyEventInput | null {
  if (send.person === null) return null;
  const { contact_id, phone, user_id } = send.person;
  return {
    id,
    type: 'message.requested',
    at: at.toISOString(),
    send_id: send.sendId,
    phone_number_id: send.phoneNumberId,
    permit_id: permitId,
    category: send.category,
    message_type: send.messageType,
    ...present({
      contact_id,
      phone,
      user_id,
      campaign_id: send.campaignId,
      variant_id: send.variantId,
      segment_id: send.segmentId,
      template_name: send.templateName,
      template_language: send.templateLanguage,
    }),
  };
}

/** What the platform's answer says of the message; null where it says nothing that is certain. */
function answered(send: Send, { status, text }: PlatformAnswer, id: string, at: Date): FirstPartyEventInput | null {
  let body: GraphAnswer;
  try {
    body = JSON.parse(text) as GraphAnswer;
  } catch {
    return null;
  }
  const base = { id, at: at.toISOString(), send_id: send.sendId };
  const code = body?.error?.code;
  if (status >= 400) {
    if (!Number.isInteger(code)) return null;
    const title = body.error?.message;
    const error_title = typeof title === 'string' ? title.slice(0, 512) : null;
    return { ...base, type: 'message.rejected', error_code: Number(code), ...present({ error_title }) };
  }
  const message = body?.messages?.[0];
  if (typeof message?.id !== 'string' || message.id === '') return null;
  const types = { held_for_quality_assessment: 'message.held', paused: 'message.paused' } as const;
  const type = Object.entries(types).find(([word]) => word === message.message_status)?.[1] ?? 'message.accepted';
  const phone = /^\+?[0-9]{5,20}$/.test(String(body.contacts?.[0]?.wa_id)) ? String(body.contacts?.[0]?.wa_id) : null;
  return { ...base, type, message_id: message.id, ...present({ phone }) };
}

interface GraphAnswer {
  error?: { code?: unknown; message?: unknown };
  messages?: { id?: unknown; message_status?: unknown }[];
  contacts?: { wa_id?: unknown }[];
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null> };
function present<T extends Record<string, string | null>>(parts: T): Present<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null)) as Present<T>;
}
