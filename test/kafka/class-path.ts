import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../sql/files.ts';

const run = promisify(execFile);
const pom = join(projectRoot, 'test/kafka/pom.xml');

/** What Java needs to run the broker that pom.xml names. */
export interface BrokerProgram {
  classPath: string;
  /** Where Java keeps the broker's classes ready, so that later starts take half the processor time; made by the first broker. */
  classArchive: string;
  /** A folder with what Kafka's own tool writes into an empty one before a broker may use it; made by the first broker. */
  storage: string;
}

/** Maven is asked once; the answer is kept beside the installed packages. */
export async function brokerProgram(): Promise<BrokerProgram> {
  const folder = join(projectRoot, 'node_modules/.cache/sluice-kafka');
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex');
  const file = join(folder, `${digest.slice(0, 16)}.classpath`);
  if (existsSync(file)) {
    const kept = await readFile(file, 'utf8');
    if (kept.split(':').every((jar) => existsSync(jar))) return programOf(kept, file);
  }
  await mkdir(folder, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:build-classpath', `-Dmdep.outputFile=${temporary}`]);
  await rename(temporary, file);
  return programOf(await readFile(file, 'utf8'), file);
}

const programOf = (classPath: string, file: string): BrokerProgram => ({
  classPath,
  classArchive: `${file}.jsa`,
  storage: `${file}.storage`,
});
