import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { projectRoot } from '../../sql/files.ts';

/** Files of the browser as `dashboards/client/bundle.ts` wrote them: by entry name the address, by file name the bytes. */
export interface Assets {
  /** The address of an entry, e.g. `/assets/client-1a2b3c.js`; null when it was not built. */
  address(entry: 'client.js' | 'theme.css' | 'icon.svg'): string | null;
  find(file: string): Asset | undefined;
}

export interface Asset {
  type: string;
  bytes: Buffer;
  /** The same bytes compressed ahead of time, best first. */
  encoded: { encoding: 'br' | 'gzip'; bytes: Buffer }[];
}

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export const builtAssets: string = join(projectRoot, 'dist', 'assets');

/** Reads all assets into memory. Without a build there are none: pages then work without script and style. */
export function loadAssets(folder: string = builtAssets): Assets {
  const files = new Map<string, Asset>();
  let manifest: Record<string, string> = {};
  try {
    const names = new Set(readdirSync(folder));
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, string>;
    for (const name of names) {
      const type = types[extname(name)];
      if (type === undefined) continue;
      const read = (file: string) => readFileSync(join(folder, file));
      const bytes = read(name);
      const encoded: Asset['encoded'] = [];
      if (names.has(`${name}.br`)) encoded.push({ encoding: 'br', bytes: read(`${name}.br`) });
      if (names.has(`${name}.gz`)) encoded.push({ encoding: 'gzip', bytes: read(`${name}.gz`) });
      files.set(name, { type, bytes, encoded });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return {
    address: (entry) => (manifest[entry] === undefined ? null : `/assets/${manifest[entry]}`),
    find: (file) => files.get(file),
  };
}

let loaded: Assets | undefined;
/** The assets of the build, read once. */
export function sharedAssets(): Assets {
  loaded ??= loadAssets();
  return loaded;
}

/** A strong entity tag of these bytes. */
export function etagOf(bytes: string | Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
}
