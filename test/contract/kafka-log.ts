import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import { ownTopics, removeTopics } from '../kafka/topics.ts';
import { eventLogContract, type LogUnderTest } from './event-log.ts';

const codecs = ['none', 'gzip'] as const;
let made = 0;

/** The contract suite on the Kafka log. @param address of a broker, asked by each test */
export function kafkaLogContract(address: () => string): void {
  // every other log compresses: the promises do not depend on it
  eventLogContract('Kafka', async (): Promise<LogUnderTest> => {
    const options = ownTopics(address(), { compression: codecs[made++ % 2] ?? 'none' });
    const open = () => KafkaLog.open(options);
    let log = await open();
    return {
      log,
      reopen: async () => {
        await log.close();
        log = await open();
        return log;
      },
      dispose: async () => {
        await log.close();
        await removeTopics(options);
      },
    };
  });
}
