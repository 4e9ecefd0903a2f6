import type { Account } from './account.ts';
import type { CampaignPlan } from './campaign.ts';
import { hour, second } from './emission.ts';
import type { Person } from './person.ts';
import type { Simulation } from './simulation.ts';

/** Body of `POST /v1/permits`: so many messages of one stream. */
export interface PermitRequest {
  request_id: string;
  phone_number_id: string;
  template_name: string;
  template_language: string;
  campaign_id: string;
  variant_id?: string;
  segment_id: string;
  category: 'marketing' | 'utility';
  count: number;
  lease_seconds: number;
}

/** What the desk needs of an answer; times in milliseconds since 1970. */
export interface PermitAnswer {
  request_id: string;
  permit_id: string;
  granted: number;
  expires_at: number;
  /** How long to wait before asking again; null when nobody knows. */
  retry_after_ms: number | null;
}

/** What became of the messages of a campaign that had to ask. */
export interface PermitUse {
  wanted: number;
  sent: number;
  /** Waited for more than a day: they make no sense any more. */
  given_up: number;
  /** No longer wanted when their turn came, e.g. the person had opted out. */
  withdrawn: number;
  /** From wish to send, milliseconds, in the order of sending. */
  waits: number[];
}

interface Waiting {
  person: Person;
  since: number;
}

/** Messages with one address, in order. */
interface Line {
  plan: CampaignPlan;
  variantId: string | undefined;
  segment: string;
  queue: Waiting[];
  /** Place of the first one that still waits. */
  head: number;
  /** Rights in hand, oldest first. */
  rights: { permitId: string; left: number; expiresAt: number }[];
  /** A request is being made or under way. */
  asking: boolean;
  /** The next message of the line has its time. */
  moving: boolean;
  /** Not worth asking before. */
  askFrom: number;
}

const mostAsked = 500;
const leaseSeconds = 120;
/** Wishes of so long are gathered into one request. */
const gathering = second;
const patience = 24 * hour;
const waitWhenUntold = 30 * second;
const longestWait = hour;
/** Messages a second of campaigns that are no broadcast. */
const usualPace = 5;

/** The permit a message goes out under, and the segment that it is for: people move on while they wait. */
export interface HeldPermit {
  id: string;
  segment: string;
}

/** Where campaigns ask before they send: messages wait here, in order, until there is a right for each. */
export class PermitDesk {
  readonly uses = new Map<string, PermitUse>();
  private readonly lines = new Map<string, Line>();
  private readonly asked = new Map<string, { line: Line; count: number }>();
  /** When the next message of a campaign may go, so that it keeps its pace. */
  private readonly nextAt = new Map<CampaignPlan, number>();
  private requests = 0;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    private readonly send: (person: Person, plan: CampaignPlan, variantId: string | undefined, permit: HeldPermit) => void,
    /** Whether this person may still be written to for this campaign. */
    private readonly isWanted: (person: Person, plan: CampaignPlan) => boolean,
  ) {}

  /** A campaign wants to send to this person. */
  want(person: Person, plan: CampaignPlan, variantId: string | undefined): void {
    const key = `${plan.id}\n${variantId ?? ''}\n${person.segment}`;
    let line = this.lines.get(key);
    if (line === undefined) {
      const { segment } = person;
      line = { plan, variantId, segment, queue: [], head: 0, rights: [], asking: false, moving: false, askFrom: 0 };
      this.lines.set(key, line);
    }
    this.useOf(plan).wanted++;
    line.queue.push({ person, since: this.sim.now });
    this.serve(line);
  }

  /** The answer to a request; one that was not asked for is ignored. */
  answer(answer: PermitAnswer): void {
    const request = this.asked.get(answer.request_id);
    if (request === undefined) return;
    this.asked.delete(answer.request_id);
    const { line, count } = request;
    line.asking = false;
    if (answer.granted > 0) {
      line.rights.push({ permitId: answer.permit_id, left: answer.granted, expiresAt: answer.expires_at });
    }
    if (answer.granted < count) {
      const wait = Math.min(longestWait, Math.max(second, answer.retry_after_ms ?? waitWhenUntold));
      line.askFrom = this.sim.now + wait;
      this.sim.at(line.askFrom, () => this.serve(line));
    }
    this.serve(line);
  }

  /** Sends the next message if there is a right and its time has come, or asks for rights, or returns what is not needed. */
  private serve(line: Line): void {
    if (line.moving) return;
    this.dropStale(line);
    const { now } = this.sim;
    line.rights = line.rights.filter(({ left, expiresAt }) => left > 0 && expiresAt > now);
    const waiting = line.queue.length - line.head;
    const [right] = line.rights;
    if (waiting === 0) {
      this.giveBack(line);
      return;
    }
    if (right === undefined) {
      this.ask(line);
      return;
    }
    const at = Math.max(now, this.nextAt.get(line.plan) ?? 0);
    this.nextAt.set(line.plan, at + second / paceOf(line.plan));
    line.moving = true;
    this.sim.at(at, () => {
      line.moving = false;
      this.move(line);
      this.serve(line);
    });
  }

  /** One message goes out, if there still is one with a right. */
  private move(line: Line): void {
    const { now } = this.sim;
    this.dropStale(line);
    const right = line.rights.find(({ left, expiresAt }) => left > 0 && expiresAt > now);
    const first = line.queue[line.head];
    if (right === undefined || first === undefined) return;
    line.head++;
    right.left--;
    const use = this.useOf(line.plan);
    use.sent++;
    use.waits.push(now - first.since);
    this.send(first.person, line.plan, line.variantId, { id: right.permitId, segment: line.segment });
  }

  private dropStale(line: Line): void {
    const use = this.useOf(line.plan);
    for (let first = line.queue[line.head]; first !== undefined; first = line.queue[line.head]) {
      if (this.sim.now - first.since > patience) use.given_up++;
      else if (!this.isWanted(first.person, line.plan)) use.withdrawn++;
      else break;
      line.head++;
    }
    if (line.head > 1000 || line.head === line.queue.length) {
      line.queue = line.queue.slice(line.head);
      line.head = 0;
    }
  }

  private ask(line: Line): void {
    const { sim, account } = this;
    if (line.asking || sim.now < line.askFrom) return;
    line.asking = true;
    sim.at(sim.now + gathering, () => {
      this.dropStale(line);
      const count = Math.min(mostAsked, line.queue.length - line.head);
      if (count === 0) {
        line.asking = false;
        return;
      }
      const { plan, variantId } = line;
      const request: PermitRequest = {
        request_id: `${sim.ids.tag}-p${(this.requests++).toString(36)}`,
        phone_number_id: account.numbers[plan.number].id,
        template_name: plan.template.name,
        template_language: plan.template.language,
        campaign_id: plan.id,
        ...(variantId === undefined ? {} : { variant_id: variantId }),
        segment_id: line.segment,
        category: plan.category,
        count,
        lease_seconds: leaseSeconds,
      };
      this.asked.set(request.request_id, { line, count });
      sim.emit({ kind: 'permit', at: sim.now, request });
    });
  }

  private giveBack(line: Line): void {
    for (const { permitId, left } of line.rights) {
      this.sim.emit({ kind: 'return', at: this.sim.now, permit_id: permitId, count: left });
    }
    line.rights = [];
  }

  private useOf(plan: CampaignPlan): PermitUse {
    let use = this.uses.get(plan.id);
    if (use === undefined) {
      use = { wanted: 0, sent: 0, given_up: 0, withdrawn: 0, waits: [] };
      this.uses.set(plan.id, use);
    }
    return use;
  }
}

function paceOf({ timing }: CampaignPlan): number {
  return timing.kind === 'waves' ? timing.perSecond : usualPace;
}
