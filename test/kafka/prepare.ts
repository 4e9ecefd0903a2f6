import { startBroker } from './broker.ts';

/** Resolves the broker's parts and starts it once, so that the tests find everything at hand. */
const broker = await startBroker();
process.stdout.write(`a Kafka broker starts here (${broker.address}) and stops again\n`);
await broker.dispose();
