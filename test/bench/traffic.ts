import { createHmac } from 'node:crypto';
import { timeOrderedId } from '../time-ordered-id.ts';
import { benchPhone } from './big-warehouse.ts';

/** Signed webhook posts of statuses about messages that were sent moments ago: each is sent, then delivered, then read. */
export class StatusTraffic {
  private readonly recent: { id: string; wamid: string; phone: string }[] = [];
  private made = 0;
  private phase = 0;

  constructor(
    private readonly options: {
      secret: string;
      /** Statuses in one post. */
      perPost: number;
      contacts: number;
      now: () => number;
      /** Campaign-less prefix of platform ids, so that runs do not meet. */
      run: string;
      /** Every `lateEvery`-th status is a read of an older message. */
      late?: () => { id: string; wamid: string; phone: string };
      lateEvery?: number;
    },
  ) {}

  /** Statuses made so far. */
  get count(): number {
    return this.made;
  }

  /** The bytes of one webhook. */
  body(): Buffer {
    const { perPost } = this.options;
    const statuses: string[] = [];
    for (let i = 0; i < perPost; i += 1) statuses.push(this.status());
    return Buffer.from(
      `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[${statuses.join(',')}]},"field":"messages"}]}]}`,
    );
  }

  /** The bytes of one whole HTTP/1.1 request. */
  next(): Buffer {
    const { secret } = this.options;
    const body = this.body();
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return Buffer.concat([
      Buffer.from(
        `POST /webhooks/whatsapp HTTP/1.1\r\nHost: sluice\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=${signature}\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);
  }

  private status(): string {
    const { contacts, now, run } = this.options;
    this.made += 1;
    const { late, lateEvery = 0 } = this.options;
    if (late !== undefined && this.made % lateEvery === 0) return this.json(late(), 'read', now());
    this.phase = (this.phase + 1) % 3;
    const at = now();
    if (this.phase === 1) {
      const n = this.made;
      const id = timeOrderedId(at, n);
      const message = { id, wamid: `wamid.${run}${n}`, phone: benchPhone(n % contacts) };
      this.recent.push(message);
      if (this.recent.length > 2000) this.recent.splice(0, 1000);
      return this.json(message, 'sent', at);
    }
    const back = this.phase === 2 ? 100 : 400;
    const message = this.recent[Math.max(0, this.recent.length - back)] as { id: string; wamid: string; phone: string };
    return this.json(message, this.phase === 2 ? 'delivered' : 'read', at);
  }

  private json({ id, wamid, phone }: { id: string; wamid: string; phone: string }, status: string, at: number): string {
    const pricing =
      status === 'read' ? '' : ',"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}';
    return `{"id":"${wamid}","status":"${status}","timestamp":"${Math.floor(at / 1000)}","recipient_id":"${phone}","biz_opaque_callback_data":"${id}"${pricing}}`;
  }
}
