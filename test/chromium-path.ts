import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
// biome-ignore lint/style/noProcessEnv: where tests and benchmarks find the system's browser
const { PATH = '' } = process.env;

/** The system's Chromium, from PATH; null when there is none. */
export function findChromium(): string | null {
  const candidates = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}
