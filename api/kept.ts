const mostKept = 500;

/** What was worked out or is being worked out, by name. What fails, or is not worth its room, is not kept. */
export class Kept<T> {
  private kept = new Map<string, Promise<T>>();

  /** What is kept under a name. */
  known(name: string): Promise<T> | undefined {
    return this.kept.get(name);
  }

  of(name: string, work: () => Promise<T>, isWorth: (value: T) => boolean = () => true): Promise<T> {
    const found = this.kept.get(name);
    if (found !== undefined) return found;
    if (this.kept.size >= mostKept) this.kept = new Map();
    const { kept } = this;
    const value = work();
    kept.set(name, value);
    const forget = () => kept.delete(name);
    value.then((given) => {
      if (!isWorth(given)) forget();
    }, forget);
    return value;
  }
}
