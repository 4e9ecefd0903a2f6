import { Kafka, logLevel } from 'kafkajs';

/**
 * The yardstick of `npm run bench:kafka`: a kafkajs consumer that counts the records of one topic and does nothing else.
 * Arguments: broker, topic, how many records it has. Prints one line of JSON: the records behind the first batch, the seconds and the
 * seconds of processor time that they took.
 */
const [broker = '', topic = '', total = '0'] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `count-${process.pid}` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });

let started: { at: number; processor: NodeJS.CpuUsage; counted: number } | undefined;
let counted = 0;
await new Promise<void>((resolve, reject) => {
  consumer
    .run({
      eachBatch: async ({ batch }) => {
        counted += batch.messages.length;
        started ??= { at: performance.now(), processor: process.cpuUsage(), counted };
        if (counted === Number(total)) resolve();
      },
    })
    .catch(reject);
});
if (started === undefined) throw new Error('nothing came');
const { user, system } = process.cpuUsage(started.processor);
const answer = {
  records: counted - started.counted,
  seconds: (performance.now() - started.at) / 1000,
  processorSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
await consumer.disconnect();
