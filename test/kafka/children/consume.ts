import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFolder } from '../../../api/data-folder.ts';
import { KafkaLog } from '../../../ingest/kafka/kafka-log.ts';
import { kafkaDefaults } from '../../../ingest/kafka/options.ts';
import { SluiceError } from '../../../sql/errors.ts';
import { SmallWarehouse } from '../small-warehouse.ts';

/** Waits for a data folder, then applies what Kafka holds until it is killed. Arguments: the folder, a broker, the prefix of the topics. */
const [dataDir = '', broker = '', topicPrefix = ''] = process.argv.slice(2);
const take = async (): Promise<DataFolder> => {
  for (;;) {
    try {
      return await DataFolder.open(dataDir);
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'warehouse_locked') throw error;
      await sleep(20);
    }
  }
};
process.stdout.write('waits\n');
const folder = await take();
const log = await KafkaLog.open({ ...kafkaDefaults, brokers: [broker], topicPrefix });
const warehouse = await SmallWarehouse.open(join(dataDir, 'warehouse.duckdb'));
process.stdout.write('applies\n');
await (await warehouse.loop(log)).run();
// held until here: the lock goes with the last reference to it
await folder.close();
