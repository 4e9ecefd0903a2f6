import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs a compiled script until its output matches `when`, then `delayMs` more, then kills it with SIGKILL.
 * Resolves with all that it printed. Scripts are taken from `dist/`, which `npm test` builds first.
 */
export async function killedAfter(script: string, args: string[], when: RegExp, delayMs = 0): Promise<string> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (when.test(output)) resolve();
    });
    child.on('close', (code) => reject(new Error(`the child ended by itself with code ${code}: ${output.slice(-500)}`)));
  });
  await sleep(delayMs);
  child.kill('SIGKILL');
  await ended;
  return output;
}
