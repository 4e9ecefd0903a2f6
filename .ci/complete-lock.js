// npm writes the lock file without the binaries of platforms that the registry at hand does not carry, and then `npm ci` refuses
// the file everywhere (npm/cli#4828 is the older half of it). This adds what is missing: each optional dependency that a
// package names by exact version and that is a binary for another platform. Run it after every change of packages:
//   npm install ... && node .ci/complete-lock.js
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const platform = /-(android|darwin|linux|win32)-(arm64|x64)(-musl)?$/;
let added = 0;

for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const [, os, cpu, musl] = platform.exec(name) ?? [];
    if (lock.packages[key] !== undefined || os === undefined || !/^\d/.test(version)) continue;
    lock.packages[key] = {
      version,
      cpu: [cpu],
      ...(entry.dev ? { dev: true } : {}),
      ...(os === 'linux' ? { libc: [musl === undefined ? 'glibc' : 'musl'] } : {}),
      optional: true,
      os: [os],
    };
    added += 1;
  }
}
const byName = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added to package-lock.json`);
