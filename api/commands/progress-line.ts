/** Where a command writes: standard output, or a stand-in. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** Progress as one line that is written over on a terminal, and as a plain line for every tenth elsewhere. */
export class ProgressLine {
  private tenth = -1;
  private lastAt = Number.NEGATIVE_INFINITY;
  private lastTask = '';

  constructor(private readonly screen: Screen) {}

  /** `share` from 0 to 1 of the task at hand. */
  show(share: number, task: string): void {
    const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
    const name = task.split(':', 1)[0] ?? '';
    if (this.screen.isTTY === true) {
      // Not more often than the eye takes in.
      if (performance.now() - this.lastAt < 80 && name === this.lastTask) return;
      this.lastAt = performance.now();
      this.lastTask = name;
      this.screen.write(`\r\u001b[2K${percent}  ${task}`);
      return;
    }
    const tenth = Math.floor(share * 10);
    if (name === this.lastTask && tenth <= this.tenth) return;
    this.tenth = tenth;
    this.lastTask = name;
    this.screen.write(`${percent}  ${task}\n`);
  }

  /** Ends the progress with a line that stays. */
  end(summary: string): void {
    this.screen.write(this.screen.isTTY === true ? `\r\u001b[2K${summary}\n` : `${summary}\n`);
  }
}
