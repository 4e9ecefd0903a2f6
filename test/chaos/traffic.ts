import { v7 as uuidv7 } from 'uuid';
import type { Random } from '../../simulator/random.ts';
import type { Fact } from './ledger.ts';

/** One request and what must come of it. */
export interface Post {
  kind: 'webhook' | 'event';
  body: Buffer;
  facts: readonly Fact[];
  /** Whether a copy changes nothing. What cannot be read is set aside as often as it comes. */
  repeatable: boolean;
}

interface Send {
  id: string;
  number: number;
}

const start = Date.UTC(2026, 10, 20, 8);
const number = { phone_number_id: '106540352242922', waba_id: '102290129340398' };
const person = (n: number) => `4915${String(100_000_000 + (n % 500))}`;

/** Makes requests without end, each with ids of its own; statuses speak of sends made before, now and then twice. */
export class Traffic {
  private readonly sends: Send[] = [];
  private count = 0;

  constructor(private readonly random: Random) {}

  next(): Post {
    const draw = this.random.float();
    if (draw < 0.4 || this.sends.length === 0) return this.events();
    if (draw < 0.85) return this.statuses();
    return draw < 0.97 ? this.inbound() : this.unreadable();
  }

  private events(): Post {
    const facts: Fact[] = [];
    const events = Array.from({ length: 1 + this.random.int(3) }, () => {
      const send = this.newSend();
      const { id, number: n } = send;
      facts.push(`message ${id}`, `request ${id}`, `order order-${n}`, `consent consent-${n}`);
      const who = { contact_id: `contact-${n % 500}`, phone: person(n) };
      return [
        { id: `request-${n}`, type: 'message.requested', at: at(n), send_id: id, ...who, ...number, campaign_id: `c${n % 3}` },
        { id: `accept-${n}`, type: 'message.accepted', at: at(n, 1), send_id: id, message_id: `wamid.${n}` },
        {
          id: `order-${n}`,
          type: 'order.completed',
          at: at(n, 60),
          ...who,
          order_id: `o-${n}`,
          amount: '12.50',
          currency: 'EUR',
        },
        { id: `consent-${n}`, type: 'consent.changed', at: at(n, 90), ...who, state: n % 7 === 0 ? 'withdrawn' : 'granted' },
      ];
    });
    return { kind: 'event', body: Buffer.from(JSON.stringify(events.flat())), facts, repeatable: true };
  }

  private statuses(): Post {
    const facts: Fact[] = [];
    const statuses = Array.from({ length: 1 + this.random.int(4) }, () => {
      const { id, number: n } = this.sends[this.random.int(this.sends.length)] as Send;
      const reached = this.random.int(3);
      const status = ['sent', 'delivered', 'read'][reached] as string;
      facts.push(`message ${id}`, `status wamid.${n} ${status}`);
      const timestamp = String(Math.floor(Date.parse(at(n, 2 + 20 * reached)) / 1000));
      return { id: `wamid.${n}`, status, timestamp, recipient_id: person(n), biz_opaque_callback_data: id };
    });
    return webhook({ statuses }, facts);
  }

  private inbound(): Post {
    const n = this.count++;
    const timestamp = String(Math.floor(Date.parse(at(n)) / 1000));
    const message = { from: person(n), id: `wamid.in.${n}`, timestamp, type: 'text', text: { body: 'Thanks' } };
    return webhook({ messages: [message] }, [`inbound wamid.in.${n}`]);
  }

  /** A status without a time, beside a good one. */
  private unreadable(): Post {
    const n = this.count++;
    const good = this.statuses();
    const { entry } = JSON.parse(good.body.toString());
    entry[0].changes[0].value.statuses.push({ id: `unreadable-${n}`, status: 'sent', timestamp: 'never' });
    const body = Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry }));
    return { ...good, body, facts: [...good.facts, `aside unreadable-${n}`], repeatable: false };
  }

  /** Half of the ids tell the time of the send, as ours do; half are text of the sender's own. */
  private newSend(): Send {
    const n = this.count++;
    const random = Uint8Array.from({ length: 16 }, () => this.random.int(256));
    const id = n % 2 === 0 ? `send-${n}` : uuidv7({ msecs: Date.parse(at(n)), random });
    const send = { id, number: n };
    this.sends.push(send);
    return send;
  }
}

function webhook(lists: object, facts: Fact[]): Post {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783881', phone_number_id: number.phone_number_id },
    ...lists,
  };
  const entry = [{ id: number.waba_id, changes: [{ field: 'messages', value }] }];
  return {
    kind: 'webhook',
    body: Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry })),
    facts,
    repeatable: true,
  };
}

function at(n: number, seconds = 0): string {
  return new Date(start + n * 200 + seconds * 1000).toISOString();
}
