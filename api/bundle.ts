import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../sql/files.ts';

/** What begins a process or a thread of the product. */
const entries = ['sluice.ts', 'api/warehouse-thread/thread.ts', 'api/worker-pool/tasks.ts'];
/** Folders of what tests start by the dozen. */
const childFolders = ['test/kafka/children', 'test/integration/children'];
/** Packages that look for files beside their own, and a native one. */
const asTheyAre = ['@duckdb/node-bindings', '@fastify/swagger-ui', 'esbuild', 'piscina'];

/**
 * Writes each entry over its compiled file in `folder`, together with all that it loads, and what several of them load once, in
 * `chunks/`. A start reads a dozen files instead of a thousand: the warehouse's thread is loaded with a quarter of the processor time.
 * Nothing is renamed or shortened; with `node --enable-source-maps` a stack tells the lines of the sources.
 */
async function bundle(folder: string): Promise<void> {
  const { metafile } = await build({
    entryPoints: [...entries, ...childFolders.flatMap(scripts)],
    absWorkingDir: projectRoot,
    outdir: folder,
    outbase: projectRoot,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: asTheyAre,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    // CommonJS packages ask for Node's own modules by `require`, which a module does not have.
    banner: {
      js: `import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);`,
    },
  });
  const chunks = join(folder, 'chunks');
  const written = new Set(Object.keys(metafile.outputs).map((path) => relative(chunks, join(projectRoot, path))));
  for (const name of readdirSync(chunks)) if (!written.has(name)) rmSync(join(chunks, name));
}

function scripts(folder: string): string[] {
  const path = join(projectRoot, folder);
  return existsSync(path) ? readdirSync(path).map((name) => join(folder, name)) : [];
}

await bundle(join(projectRoot, 'dist'));
