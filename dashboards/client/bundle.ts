import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Writes the browser's files into `folder`: each under a name with the hash of what is in it, plain and compressed, and `manifest.json`
 * with the names of those that pages call for; the client imports the others itself. Fetches nothing. `root` is the project's root.
 */
export async function bundle(root: string, folder: string): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { client: join(root, 'dashboards/client/main.ts'), theme: join(root, 'dashboards/theme.css') },
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outdir: folder,
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const icon = readFileSync(join(root, 'dashboards/icon.svg'));
  const hash = createHash('sha256').update(icon).digest('hex').slice(0, 8);
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  files.set(`icon-${hash}.svg`, icon);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) {
    writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
  const named = (entry: string, suffix: string): string => {
    const name = [...files.keys()].find((file) => file.startsWith(`${entry}-`) && file.endsWith(suffix));
    if (name === undefined) throw new Error(`esbuild gave no ${entry}${suffix}`);
    return name;
  };
  const manifest = {
    'client.js': named('client', '.js'),
    'theme.css': named('theme', '.css'),
    'icon.svg': named('icon', '.svg'),
  };
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  await bundle(root, join(root, 'dist', 'assets'));
}
