import { kafkaClient } from './client.ts';
import { kafkaError } from './errors.ts';
import type { KafkaOptions } from './options.ts';
import { deadLetterTopic, topicNames } from './topics.ts';

/**
 * Deletes the three topics of a log with everything in them: for logs that were made to be thrown away.
 * @throws SluiceError `log_unavailable`, `kafka_refused`
 */
export async function removeTopics(options: KafkaOptions): Promise<void> {
  const admin = kafkaClient(options, () => undefined).admin();
  try {
    await admin.connect();
    await admin.deleteTopics({
      topics: [...Object.values(topicNames(options.topicPrefix)), ...(options.deadLetters ? [deadLetterTopic(options)] : [])],
    });
  } catch (error) {
    throw kafkaError(error, 'the topics cannot be removed');
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
