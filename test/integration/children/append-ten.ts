/** Appends ten records of 2,000 bytes to the log in the folder named, each in its own commit, and waits to be killed. */
import { EmbeddedLog } from '../../../ingest/embedded-log.ts';

const log = await EmbeddedLog.open({ folder: process.argv[2] ?? '' });
for (let number = 0; number < 10; number++) {
  await log.append('event', Buffer.from(String(number).padEnd(2000)), 1n);
}
process.stdout.write('done\n');
setInterval(() => undefined, 1000);
