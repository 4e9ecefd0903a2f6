import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from './server-process.ts';

/** What an orchestrator waits before it starts a process anew. */
const restartMs = 500;

/** One process of a cluster, kept running: it is started anew whenever it ended, as an orchestrator would. */
export class Member {
  /** When (ms of a steady clock) and with which last words it ended although nobody killed it. */
  readonly endings: { at: number; words: string }[] = [];
  private child: ServerProcess;
  private wanted = true;
  private killing = false;
  private readonly kept: Promise<void>;

  constructor(
    readonly name: string,
    private readonly dataDir: string,
    private readonly settings: Record<string, string>,
  ) {
    this.child = this.start();
    this.kept = this.keep();
  }

  /** Where it is, always: its port is among the settings. */
  get url(): string {
    return `http://127.0.0.1:${this.settings['SLUICE_HTTP_PORT']}`;
  }

  /** kill -9; it comes back by itself. */
  async kill(): Promise<void> {
    this.killing = true;
    await this.child.kill().catch(() => undefined);
  }

  /** Asks it to stop for good, and resolves with its exit code. */
  async stop(): Promise<number | null> {
    this.wanted = false;
    const code = await this.child.stop();
    await this.kept;
    return code;
  }

  private start(): ServerProcess {
    return new ServerProcess(this.dataDir, this.settings);
  }

  private async keep(): Promise<void> {
    for (;;) {
      await this.child.ended;
      if (!this.wanted) return;
      if (!this.killing) this.endings.push({ at: performance.now(), words: this.child.lastWords });
      this.killing = false;
      await sleep(restartMs);
      if (!this.wanted) return;
      this.child = this.start();
    }
  }
}
