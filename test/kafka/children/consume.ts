import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFolder } from '../../../api/data-folder.ts';
import { KafkaLog } from '../../../ingest/kafka/kafka-log.ts';
import { kafkaDefaults } from '../../../ingest/kafka/options.ts';
import { SluiceError } from '../../../sql/errors.ts';
import { SmallWarehouse } from '../small-warehouse.ts';

/**
 * Waits for a data folder, then applies what Kafka holds until it is killed. Prints a dot for
 * each transaction. Arguments: the folder, a broker, the prefix of the topics.
 */
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
const folder = await take();
const log = await KafkaLog.open({ ...kafkaDefaults, brokers: [broker], topicPrefix });
const warehouse = await SmallWarehouse.open(join(dataDir, 'warehouse.duckdb'));
const loop = await warehouse.loop(log, warehouse.apply, () => process.stdout.write('.'));
await loop.run();
// held until here: the lock goes with the last reference to it
await folder.close();
