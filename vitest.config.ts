import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, the longest first: what begins last should be short, so that all workers end together. Only the order
 * in which files run depends on this list.
 */
const longest = [
  'test/integration/rebuild.test.ts',
  'test/browser/dashboards.test.ts',
  'test/kafka/scenarios.test.ts',
  'test/integration/kill.test.ts',
  'test/integration/permits-kill.test.ts',
  'test/kafka/exactly-once.test.ts',
  'test/property/apply-order.test.ts',
  'test/integration/disorder.test.ts',
  'test/browser/pages.test.ts',
  'test/integration/demo.test.ts',
  'test/integration/roles.test.ts',
  'test/integration/forgetting.test.ts',
  'test/integration/server.test.ts',
  'test/integration/quarantine.test.ts',
  'test/integration/control.test.ts',
  'test/integration/serve-command.test.ts',
  'test/integration/brake-collector.test.ts',
  'test/property/models-incremental.test.ts',
  'test/contract/payload-facts.test.ts',
  'test/models/control-words.test.ts',
  'test/models/control-cohorts.test.ts',
  'test/models/control-counts.test.ts',
];
/** Then by folder, the slow kinds first. */
const folders = ['kafka', 'browser', 'integration', 'property', 'contract', 'models', 'unit'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const file = relative(this.ctx.config.root, moduleId);
      const place = longest.indexOf(file);
      return place >= 0 ? place : longest.length + folders.indexOf(file.split('/')[1] ?? '');
    };
    return files.toSorted((one, other) => rank(one) - rank(other));
  }
}

/** Files that keep to themselves share a process, which saves loading everything anew for each of them. */
const sharing = ['test/{unit,models,property}/**/*.test.{ts,tsx}'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest leaves a core free unless told; most of our tests wait for disks, servers or a browser.
    maxWorkers: availableParallelism() + 1,
    // Each file loads some hundred modules, most of which stay: with room for them V8 does not copy them about (a twentieth less processor time).
    execArgv: ['--max-semi-space-size=64'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'shared', include: sharing, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.{ts,tsx}'], exclude: sharing } },
    ],
  },
});
