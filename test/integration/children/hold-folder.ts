/** Holds the data folder named in its argument until it is killed. */
import { DataFolder } from '../../../ingest/data-folder.ts';

await DataFolder.open(process.argv[2] ?? '');
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
