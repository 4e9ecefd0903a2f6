import type { Connection } from '../sql/database.ts';
import type { History } from './lanes.ts';

/** How many messages there are and over which time, read anew when their number has changed by more than a tenth. */
export class MessageHistory {
  private known: History = { messages: 0, length: 0 };

  async read(connection: Connection): Promise<History> {
    const [counted] = await connection.rows('SELECT count(*) AS messages FROM fact_message');
    const messages = Number(counted?.messages);
    if (Math.abs(messages - this.known.messages) <= this.known.messages / 10) return this.known;
    const [row] = await connection.rows('SELECT epoch_ms(max(opened_at)) - epoch_ms(min(opened_at)) AS length FROM fact_message');
    this.known = { messages, length: Number(row?.length ?? 0) };
    return this.known;
  }
}
