import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../sql/files.ts';
import { appSecret, tokenOf } from '../app-under-test.ts';

/** What `sluice` needs to know to work on this data folder. */
export const settingsOf = (dataDir: string): Record<string, string> => ({
  SLUICE_DATA_DIR: dataDir,
  SLUICE_HTTP_PORT: '0',
  SLUICE_TOKENS: `admin:${tokenOf('admin')}`,
  SLUICE_WEBHOOK_APP_SECRETS: appSecret,
  SLUICE_MEMORY: '512',
});

/** `sluice serve` in a process of its own (of `dist/`), to be killed. */
export class ServerProcess {
  /** Resolves with the address once it listens; rejects when the process ends before. */
  readonly url: Promise<string>;
  /** Resolves with the exit code (null after a signal) when it ended, however it ended. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private killed = false;
  private output = '';

  /** @param settings beside those of `settingsOf` or over them */
  constructor(dataDir: string, settings: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [join(projectRoot, 'dist/sluice.cjs'), 'serve'], {
      // A folder without a .env file.
      cwd: join(dataDir, '..'),
      env: { ...settingsOf(dataDir), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
    this.url = new Promise((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-20_000);
        const [, url] = /"url":"([^"]+)"/.exec(this.output) ?? [];
        if (url !== undefined) resolve(url);
      };
      this.child.stdout?.on('data', read);
      this.child.stderr?.on('data', read);
      this.ended.then((code) => reject(new Error(`the server ended by itself with code ${code}: ${this.output.slice(-2000)}`)));
    });
    this.url.catch(() => undefined);
  }

  /** The end of what it printed. */
  get lastWords(): string {
    return this.output.slice(-2000);
  }

  /** kill -9. @throws Error when it had ended by itself before */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null) {
      throw new Error(`the server ended by itself with code ${this.child.exitCode}: ${this.output.slice(-2000)}`);
    }
    this.killed = this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to stop, and resolves with its exit code; does nothing when it was killed. */
  async stop(): Promise<number | null> {
    if (!this.killed) this.child.kill('SIGTERM');
    return this.ended;
  }
}
