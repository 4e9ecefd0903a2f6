import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { SluiceError } from '../../sql/errors.ts';
import { textTable } from './table.ts';

interface Tools {
  line(text: string): void;
  err(text: string): void;
  fail(): void;
}

/** Adds `sluice calc`: the calculator without a server. */
export function addCalc(program: Command, { line, err, fail }: Tools): void {
  program
    .command('calc')
    .description('one statistical method on JSON input, without a server; lists the methods when none is named')
    .argument('[method]', 'e.g. two_proportion')
    .argument('[file]', 'JSON input; "-" is standard input', '-')
    .action(async (method: string | undefined, file: string) => {
      if (method === undefined) {
        const { methods } = await import('../../models/statistics/methods.ts');
        const rows = [...methods].map(([name, { summary }]) => [name, summary]);
        return line(textTable(['method', 'what it says'], rows));
      }
      const { calculate } = await import('../calculator.ts');
      try {
        line(JSON.stringify(calculate(method, await readInput(file)), null, 2));
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        err(`${error.code}: ${error.message}\n`);
        fail();
      }
    });
}

async function readInput(file: string): Promise<unknown> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8').catch(unreadable);
  try {
    return JSON.parse(content);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): never {
  throw new SluiceError('body_unreadable', { detail: error instanceof Error ? error.message : String(error), cause: error });
}
