import type { Account } from './account.ts';
import type { CampaignPlan, PhoneNumber } from './campaign.ts';
import type { Message } from './message.ts';
import { type HeldPermit, PermitDesk } from './permit-desk.ts';
import type { Person } from './person.ts';
import type { Platform } from './platform.ts';
import type { Simulation } from './simulation.ts';

/** Sends, from a given time on only with a permit: tells of the request by event and hands the message to the platform. */
export class Sender {
  readonly desk: PermitDesk;

  constructor(
    private readonly sim: Simulation,
    private readonly account: Account,
    readonly platform: Platform,
    /** From then on campaigns ask before they send. */
    private readonly permitsFrom: number,
    isWanted: (person: Person, plan: CampaignPlan) => boolean,
  ) {
    this.desk = new PermitDesk(
      sim,
      account,
      (person, plan, variantId, permit) => this.send(person, plan, variantId, account.numbers[plan.number], 'template', permit),
      isWanted,
    );
  }

  /** A template of a campaign. */
  template(person: Person, plan: CampaignPlan, variantId?: string): void {
    if (this.sim.now >= this.permitsFrom) this.desk.want(person, plan, variantId);
    else this.send(person, plan, variantId, this.account.numbers[plan.number], 'template');
  }

  /** An answer in a chat. */
  answer(person: Person, number: PhoneNumber, kind: 'text' | 'audio'): void {
    this.send(person, undefined, undefined, number, kind);
  }

  private send(
    person: Person,
    plan: CampaignPlan | undefined,
    variantId: string | undefined,
    number: PhoneNumber,
    kind: Message['kind'],
    permit?: HeldPermit,
  ): void {
    const { sim, account } = this;
    const at = sim.now;
    const category = plan?.category ?? 'service';
    const message: Message = {
      sendId: sim.ids.sendId(at),
      wamid: sim.ids.messageId(),
      person,
      plan,
      variantId,
      number,
      category,
      kind,
      requestedAt: at,
      insideWindow: at < person.windowUntil,
      reachesAt: Number.POSITIVE_INFINITY,
      taken: false,
      marks: 0,
      settled: 0,
      deliveredAt: Number.POSITIVE_INFINITY,
      failedWith: undefined,
      cell: sim.tally.unknown,
    };
    const fields: Record<string, unknown> = { send_id: message.sendId, contact_id: person.contactId };
    if (person.phone !== undefined) fields['phone'] = person.phone;
    else fields['user_id'] = person.userId;
    fields['phone_number_id'] = number.id;
    fields['waba_id'] = account.wabaId;
    if (plan !== undefined) {
      fields['campaign_id'] = plan.id;
      if (variantId !== undefined) fields['variant_id'] = variantId;
      fields['template_name'] = plan.template.name;
      fields['template_language'] = plan.template.language;
    }
    fields['segment_id'] = permit?.segment ?? person.segment;
    fields['category'] = category;
    fields['message_type'] = message.kind;
    if (permit !== undefined) fields['permit_id'] = permit.id;
    sim.event('message.requested', at, fields, () => sim.tally.requested(message));
    this.platform.take(message);
  }
}
