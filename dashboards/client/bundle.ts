import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Writes the browser's files into `folder`: each under a name with the hash of its bytes, plain and compressed, and
 * `manifest.json` with the names. Fetches nothing. `root` is the project's root.
 */
export async function bundle(root: string, folder: string): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'dashboards/client/main.ts'), join(root, 'dashboards/theme.css')],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const bytesOf = (name: string) => {
    const found = outputFiles.find(({ path }) => path.endsWith(name));
    if (found === undefined) throw new Error(`esbuild gave no ${name}`);
    return Buffer.from(found.contents);
  };
  const files: Record<string, Buffer> = {
    'client.js': bytesOf('main.js'),
    'theme.css': bytesOf('theme.css'),
    'icon.svg': readFileSync(join(root, 'dashboards/icon.svg')),
  };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const manifest: Record<string, string> = {};
  for (const [entry, bytes] of Object.entries(files)) {
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    const name = entry.replace('.', `-${hash}.`);
    manifest[entry] = name;
    writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  await bundle(root, join(root, 'dist', 'assets'));
}
