import type { Appeal } from './campaign.ts';
import { day, hour, minute, second } from './emission.ts';
import type { Message } from './message.ts';
import { type Person, whenAwake } from './person.ts';
import type { Platform } from './platform.ts';
import type { Simulation } from './simulation.ts';

const words = {
  reply: [
    'How long does delivery take?',
    'Is this still available in size M?',
    'Olá! Vocês têm frete grátis?',
    '¿Cuánto cuesta el envío?',
  ],
  thanks: ['Thanks!', 'Obrigado, ótimo 🙏', 'Danke schön', 'Merci beaucoup', 'धन्यवाद', 'Terima kasih'],
  stop: ['STOP', 'Stop', 'stop', 'UNSUBSCRIBE'],
  emoji: ['👍', '❤️', '🔥', '🎉'],
} as const;

/** How people talk to an answer of the business. */
const conversation: Appeal = { open: 0.95, click: 0, tap: 0, reply: 0.3, react: 0.04, stop: 0, order: 0, block: 0 };

/** What the business does about what people do. */
export interface Replies {
  /** A person wrote something that deserves an answer. */
  asked(person: Person, message: Message): void;
  /** A person ordered; `touch` is the message whose link led there. */
  ordered(person: Person, touch: Message | undefined): void;
  /** A person reached a goal other than an order. */
  reachedGoal(person: Person, touch: Message): void;
  /** The business heard that a person opted out in words: it has to act itself. */
  optedOut(person: Person): void;
}

/** The people: open, click, answer, order and opt out, each at their own hours. */
export class Audience {
  constructor(
    private readonly sim: Simulation,
    private readonly platform: Platform,
    private readonly business: Replies,
  ) {}

  /** The platform will hand this message over at `message.reachesAt`: what the person makes of it. */
  receive(message: Message): void {
    const { sim, platform } = this;
    const { random } = sim;
    const { person, reachesAt } = message;
    const appeal = message.plan?.appeal ?? conversation;
    const mood = Math.min(1.25, 0.6 + 0.4 * person.warmth);
    const opens = random.chance(Math.min(0.98, appeal.open * mood));
    const blocks = appeal.block > 0 && random.chance(Math.min(0.5, appeal.block / Math.max(0.25, person.warmth)));
    const chatWasOpen = opens && person.receipts && random.chance(0.03);
    if (!chatWasOpen) platform.status(message, 'delivered', reachesAt, undefined, () => sim.tally.proven(message, reachesAt));
    if (!opens) {
      // A look at the notification is enough.
      if (blocks) this.blocksAt(message, whenAwake(random, person, reachesAt + random.lognormal(20 * minute, 1.5)));
      return;
    }
    const wait = random.chance(0.4) ? random.lognormal(2.5 * minute, 1.2) : random.lognormal(2.2 * hour, 1.5);
    const openedAt = chatWasOpen
      ? reachesAt
      : Math.floor(whenAwake(random, person, reachesAt + 2 * second + Math.min(wait, 12 * day)) / 1000) * 1000;
    if (person.receipts) platform.status(message, 'read', openedAt, undefined, () => sim.tally.read(message, openedAt));
    if (message.kind === 'audio' && random.chance(0.8)) {
      const playedAt = openedAt + 5 * second;
      platform.status(message, 'played', playedAt, undefined, () => sim.tally.played(message, playedAt));
    }
    if (blocks) this.blocksAt(message, openedAt + random.lognormal(8 * second, 1));
    else this.plan(message, appeal, openedAt);
  }

  /** The person has enough of the business; the platform knows, and tells nobody. */
  private blocksAt(message: Message, at: number): void {
    const { person } = message;
    this.sim.at(at, () => {
      if (person.blocked) return;
      person.blocked = true;
      this.platform.standings.blocked(message);
    });
  }

  private plan(message: Message, appeal: Appeal, openedAt: number): void {
    const { sim } = this;
    const { random } = sim;
    const { person } = message;
    const lift = message.plan?.arms?.find((arm) => arm.id === message.variantId)?.lift ?? 1;
    if (random.chance(Math.min(0.9, appeal.click * lift * person.warmth))) {
      sim.at(openedAt + 3 * second + random.lognormal(40 * second, 1), () => this.click(message, appeal));
    } else if (random.chance(appeal.tap * person.warmth)) {
      sim.at(openedAt + 3 * second + random.lognormal(25 * second, 0.8), () => this.tap(message));
    }
    if (random.chance(Math.min(0.5, appeal.reply * lift * person.warmth))) {
      sim.at(openedAt + 5 * second + random.lognormal(4 * minute, 1.7), () => this.reply(message));
    }
    if (random.chance(appeal.react)) sim.at(openedAt + 4 * second + random.lognormal(minute, 1), () => this.react(message));
    if (random.chance(appeal.stop)) sim.at(openedAt + 8 * second + random.lognormal(2 * minute, 1.3), () => this.optOut(message));
    // Some buy later without a click: an order that only time ties to the message.
    if (message.category === 'marketing' && random.chance(0.004 * person.warmth)) {
      sim.at(whenAwake(random, person, openedAt + random.between(hour, 5 * day)), () => this.business.ordered(person, undefined));
    }
  }

  private click(message: Message, appeal: Appeal): void {
    const { sim } = this;
    const { random } = sim;
    const { person, plan } = message;
    const at = sim.now;
    const fields = () => ({
      send_id: message.sendId,
      contact_id: person.contactId,
      ...(plan === undefined ? {} : { campaign_id: plan.id }),
      url: `https://shop.example/${plan?.template.name ?? 'chat'}?s=${message.sendId.slice(-12)}`,
    });
    sim.event('link.clicked', at, fields(), () => sim.tally.clicked(message, at));
    if (random.chance(0.12)) {
      sim.at(at + random.lognormal(3 * minute, 1.2), () => {
        const again = sim.now;
        sim.event('link.clicked', again, fields(), () => sim.tally.clicked(message, again));
      });
    }
    if (random.chance(Math.min(0.9, appeal.order * (0.6 + 0.4 * person.warmth)))) {
      sim.at(at + 20 * second + random.lognormal(11 * minute, 1.2), () => this.business.ordered(person, message));
    } else if (plan?.objective === 'activation' && random.chance(0.4)) {
      sim.at(at + 10 * second + random.lognormal(5 * minute, 1), () => this.business.reachedGoal(person, message));
    }
  }

  /** A tap on a quick-reply button of the template: a reply and a click. Apps seldom leave out which message it was. */
  private tap(message: Message): void {
    const { sim } = this;
    const { person } = message;
    const at = this.instant(person);
    if (at - message.reachesAt >= 24 * hour) return;
    const named = sim.random.chance(0.95) || this.lastReached(person, at) !== message;
    const button = { payload: 'MORE_LIKE_THIS', text: 'More like this' };
    this.platform.inbound(person, message.number, at, { ...this.context(message, named), type: 'button', button }, () => {
      if (named) sim.tally.clicked(message, at);
      sim.tally.happened(person, { kind: 'reply', at, context: named ? message : undefined });
    });
  }

  private reply(message: Message): void {
    const { sim } = this;
    const { random } = sim;
    const { person } = message;
    const at = this.instant(person);
    const old = at - message.reachesAt >= 24 * hour;
    const isLast = this.lastReached(person, at) === message;
    if (old && !isLast) return;
    const named = !old && (!isLast || random.chance(0.5));
    this.platform.inbound(person, message.number, at, { ...this.context(message, named), ...this.content() }, () => {
      if (named) sim.tally.proven(message, at);
      sim.tally.happened(person, { kind: 'reply', at, context: named ? message : undefined });
    });
    if (random.chance(0.55)) this.business.asked(person, message);
  }

  private content(): Record<string, unknown> {
    const { random } = this.sim;
    const draw = random.float();
    const media = { id: String(1e15 + random.bits()), sha256: `${random.bits().toString(16)}`, mime_type: 'image/jpeg' };
    if (draw < 0.06) return { type: 'image', image: media };
    if (draw < 0.09) return { type: 'audio', audio: { ...media, mime_type: 'audio/ogg; codecs=opus', voice: true } };
    if (draw < 0.13) return { type: 'sticker', sticker: { ...media, mime_type: 'image/webp', animated: false } };
    return { type: 'text', text: { body: random.pick(random.chance(0.5) ? words.reply : words.thanks) } };
  }

  private react(message: Message): void {
    const { sim } = this;
    const { person } = message;
    const at = this.instant(person);
    const content = { type: 'reaction', reaction: { message_id: message.wamid, emoji: sim.random.pick(words.emoji) } };
    this.platform.inbound(person, message.number, at, content, () => sim.tally.proven(message, at));
    if (!sim.random.chance(0.05)) return;
    sim.at(at + sim.random.between(minute, 10 * minute), () => {
      const removedAt = this.instant(person);
      const removal = { type: 'reaction', reaction: { message_id: message.wamid } };
      this.platform.inbound(person, message.number, removedAt, removal, () => undefined);
    });
  }

  private optOut(cause: Message): void {
    const { sim, platform } = this;
    const { random } = sim;
    const { person } = cause;
    const at = this.instant(person);
    if (person.optedOutAt <= at) return;
    const last = this.lastReached(person, at) ?? cause;
    person.optedOutAt = at;
    const counted = () => sim.tally.happened(person, { kind: 'optOut', at, context: undefined });
    if (random.chance(0.5)) {
      person.stoppedAtPlatform = true;
      person.optOutKnownAt = random.chance(0.9) ? at + random.lognormal(hour, 1) : Number.POSITIVE_INFINITY;
      platform.preference(person, last.number, at, 'stop', counted);
      if (random.chance(0.06)) sim.at(at + random.between(day, 9 * day), () => this.resume(person, last));
      return;
    }
    const named = at - last.reachesAt < 24 * hour && random.chance(0.5);
    const byButton = named && last.plan?.template.stopButton === true && random.chance(0.5);
    const content = byButton
      ? { type: 'button', button: { payload: 'STOP', text: 'Stop promotions' } }
      : { type: 'text', text: { body: random.pick(words.stop) } };
    platform.inbound(person, last.number, at, { ...this.context(last, named), ...content }, () => {
      if (named) sim.tally.proven(last, at);
      counted();
      this.business.optedOut(person);
    });
  }

  private resume(person: Person, message: Message): void {
    const at = this.instant(person);
    this.platform.preference(person, message.number, at, 'resume', () => undefined);
    person.optedOutAt = Number.POSITIVE_INFINITY;
    person.optOutKnownAt = Number.POSITIVE_INFINITY;
    person.stoppedAtPlatform = false;
  }

  private context(message: Message, named: boolean): Record<string, unknown> {
    return named ? { context: { from: message.number.display.replaceAll(/[^0-9]/g, ''), id: message.wamid } } : {};
  }

  /** The message that reached the person last, by this instant. */
  lastReached(person: Person, at: number): Message | undefined {
    for (let i = person.recent.length - 1; i >= 0; i--) {
      const message = person.recent[i];
      if (message !== undefined && message.reachesAt <= at) return message;
    }
    return undefined;
  }

  /** Now in whole seconds, but in no second in which a message arrives: "before" is then never in doubt. */
  private instant(person: Person): number {
    let at = Math.floor(this.sim.now / 1000) * 1000;
    while (person.recent.some((message) => message.reachesAt === at)) at += second;
    return at;
  }
}
