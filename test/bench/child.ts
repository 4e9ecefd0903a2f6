import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../../api/config.ts';
import { projectRoot } from '../../sql/files.ts';

/** A server in a process of its own, so that its threads and memory are its own. */
export interface Child {
  port: number;
  process: ChildProcess;
  /** Resident memory now, bytes. */
  memory(): number;
  /** The most that was ever resident, bytes. */
  peakMemory(): number;
  /** Processor time of all its threads so far, seconds. */
  processorTime(): number;
  stop(): Promise<void>;
}

export const benchSecret = 'bench-secret-bench-secret';
export const benchToken = 'bench-admin-token-0123456789';

/** As the command `sluice` and the image start it (sluice.cts, Dockerfile); a yardstick has the same. */
const asCommand = {
  node: ['--max-semi-space-size=32'],
  environment: { MALLOC_ARENA_MAX: '2' },
};

const scripts = {
  sluice: ['dist/sluice.cjs', 'serve'],
  bare: ['dist/test/bench/bare.js'],
  'bare-permits': ['dist/test/bench/permits/bare.js'],
  'bare-proxy': ['dist/test/bench/gateway/bare-proxy.js'],
  platform: ['dist/test/bench/gateway/platform.js'],
};

/** Starts Sluice on a data folder, or the bare yardstick when `script` names it, and waits until it listens. */
export async function startChild(options: {
  script: keyof typeof scripts;
  dataDir?: string;
  memoryMb?: number;
  /** Settings beside those that every server here has, or over them. */
  settings?: Record<string, string>;
  /** Options of Node itself, e.g. to profile. */
  node?: string[];
}): Promise<Child> {
  const [file = '', ...rest] = scripts[options.script];
  const child = spawn(process.execPath, [...asCommand.node, ...(options.node ?? []), join(projectRoot, file), ...rest], {
    env: {
      ...environment(),
      SLUICE_HTTP_PORT: '0',
      SLUICE_DATA_DIR: options.dataDir,
      SLUICE_MEMORY: `${options.memoryMb ?? 900}MB`,
      ...asCommand.environment,
      SLUICE_WEBHOOK_APP_SECRETS: benchSecret,
      SLUICE_WEBHOOK_VERIFY_TOKEN: 'bench-verify',
      SLUICE_TOKENS: `admin:${benchToken}`,
      SLUICE_LOG_LEVEL: 'info',
      ...options.settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A bench that ends early leaves no server behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const port = await listening(child);
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) process.stderr.write(`${options.script} ended by itself: ${signal ?? code}\n`);
  });
  return {
    port,
    process: child,
    memory: () => memoryOf(child.pid, 'VmRSS'),
    peakMemory: () => memoryOf(child.pid, 'VmHWM'),
    processorTime: () => processorTime(child.pid),
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** A line of proc(5)'s status, bytes. */
function memoryOf(pid: number | undefined, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
}

/** User and system time: fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms. */
function processorTime(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      // Errors that the server logs are a bench's own news.
      for (const line of part.toString().split('\n')) if (/^\{"level":[56]0/.test(line)) process.stderr.write(`${line}\n`);
      const port = /port (\d+)|"url":"http:\/\/[^:]+:(\d+)"/.exec(text);
      if (port !== null) resolve(Number(port[1] ?? port[2]));
      if (text.length > 100_000) text = '';
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
  });
}

/** GETs JSON from the server as its administrator. */
export async function ask(port: number, path: string, init: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${benchToken}`, accept: 'application/json', ...init.headers },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
