import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../sql/files.ts';

const run = promisify(execFile);
const pom = join(projectRoot, 'test/kafka/pom.xml');

/** The class path of the broker that pom.xml names. Maven is asked once; the answer is kept beside the installed packages. */
export async function brokerClassPath(): Promise<string> {
  const folder = join(projectRoot, 'node_modules/.cache/sluice-kafka');
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex');
  const file = join(folder, `${digest.slice(0, 16)}.classpath`);
  if (existsSync(file)) {
    const kept = await readFile(file, 'utf8');
    if (kept.split(':').every((jar) => existsSync(jar))) return kept;
  }
  await mkdir(folder, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:build-classpath', `-Dmdep.outputFile=${temporary}`]);
  await rename(temporary, file);
  return readFile(file, 'utf8');
}
