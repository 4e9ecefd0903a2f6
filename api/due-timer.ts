/** Asks every so often whether something is due. One at a time; what fails is told and tried again. */
export class DueTimer {
  private readonly timer: NodeJS.Timeout;
  private underWay: Promise<void> = Promise.resolve();

  constructor(due: () => Promise<void>, report: (error: unknown) => void, everyMs: number) {
    this.timer = setInterval(() => {
      this.underWay = this.underWay.then(due).catch(report);
    }, everyMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }
}
