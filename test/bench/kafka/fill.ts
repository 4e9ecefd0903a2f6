import { KafkaLog } from '../../../ingest/kafka/kafka-log.ts';
import type { KafkaOptions } from '../../../ingest/kafka/options.ts';
import { benchSecret } from '../child.ts';
import { StatusTraffic } from '../traffic.ts';

/** Appends that may wait for their acknowledgement at once. */
const window = 20_000;

/** Fills the webhooks topic with this many records of one status each: each message is sent, delivered and read. */
export async function fill(options: KafkaOptions, records: number): Promise<void> {
  const log = await KafkaLog.openWriter(options);
  // 1,000 statuses a second of the platform's time
  let at = Date.UTC(2026, 10, 20, 8);
  const now = () => {
    at += 1;
    return at;
  };
  const traffic = new StatusTraffic({ secret: benchSecret, perPost: 1, contacts: 50_000, now, run: 'K' });
  for (let done = 0; done < records; done += window) {
    const count = Math.min(window, records - done);
    const appends = Array.from({ length: count }, () => log.append('webhook', traffic.body(), BigInt(Date.now()) * 1000n));
    await Promise.all(appends);
  }
  await log.close();
}
