import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config.ts';

interface Given {
  port?: number;
  contacts: number;
  seed: number;
  speed: number;
  once?: true | string;
  dataDir?: string;
}

/** Adds `sluice demo`. */
export function addDemo(program: Command, { config, out }: { config: () => Config; out: (text: string) => void }): void {
  program
    .command('demo')
    .description('a whole running Sluice with thirty simulated days behind it, then live campaigns, one of them to a bought list')
    .option('--port <n>', 'port to listen on, 0 for any free one (SLUICE_HTTP_PORT)', whole(0, 65_535))
    .option('--contacts <n>', 'people the simulated business knows', whole(1, 5_000_000), 20_000)
    .option('--seed <n>', 'same seed, same world', whole(0, 2 ** 31 - 1), 7)
    .option('--speed <n>', 'simulated seconds a second until it has caught up with the clock', whole(1, 100_000), 60)
    .option('--once [file]', "only fill, write the simulator's own count as JSON to this file, and end")
    .option('--data-dir <folder>', 'an empty folder to be kept; else a folder under SLUICE_DATA_DIR/demo that goes with the demo')
    .action(async ({ port, contacts, seed, speed, once, dataDir }: Given) => {
      const { runDemo } = await import('./demo.ts');
      const settings = config();
      const stop = new AbortController();
      const onSignal = () => {
        // A second signal ends at once.
        if (stop.signal.aborted) process.exit(1);
        out('\nStopping.\n');
        stop.abort();
      };
      process.on('SIGINT', onSignal);
      process.on('SIGTERM', onSignal);
      try {
        await runDemo({
          config: { ...settings, http: { ...settings.http, port: port ?? settings.http.port } },
          dataDir: dataDir === undefined ? undefined : resolve(dataDir),
          contacts,
          seed,
          speed,
          tallyFile: once === undefined ? undefined : resolve(once === true ? 'demo-tally.json' : once),
          screen: { write: out, isTTY: process.stdout.isTTY },
          signal: stop.signal,
        });
      } finally {
        process.off('SIGINT', onSignal);
        process.off('SIGTERM', onSignal);
      }
    });
}

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[0-9]+$/.test(text) || value < low || value > high) {
      throw new InvalidArgumentError(`It is a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}
