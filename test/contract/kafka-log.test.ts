import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import { ownTopics, removeTopics } from '../kafka/topics.ts';
import { describeWithKafka } from '../kafka/with-kafka.ts';
import { eventLogContract, type LogUnderTest } from './event-log.ts';

describeWithKafka('the Kafka log', (address) => {
  eventLogContract('Kafka', async (): Promise<LogUnderTest> => {
    const options = ownTopics(address());
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
});
