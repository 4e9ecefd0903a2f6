/** A thread that follows the log behind the port in its data and tells its parent what it read, until the log ends with "stop". */
import { createHash } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { connectLog } from '../../../ingest/log-channel.ts';

const log = connectLog((workerData as { port: MessagePort }).port);
const hash = createHash('sha256');
let next = 0n;
for (let going = true; going; ) {
  const position = new Map([['log', next]]);
  await log.waitFor(position, 60_000);
  for (const { offset, body } of await log.read(position, 1 << 20)) {
    if (offset !== next) throw new Error(`expected ${next}, got ${offset}`);
    next++;
    hash.update(body);
    going = Buffer.from(body).toString() !== 'stop';
  }
  await log.applied(new Map([['log', next]]));
}
parentPort?.postMessage({ records: next, sha256: hash.digest('hex'), end: await log.end() });
log.close();
