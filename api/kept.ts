const mostKept = 500;

/** What was worked out or is being worked out, by name. What fails, or is not worth its room, is not kept. */
export class Kept<T> {
  private known = new Map<string, Promise<T>>();

  of(name: string, work: () => Promise<T>, isWorth: (value: T) => boolean = () => true): Promise<T> {
    const found = this.known.get(name);
    if (found !== undefined) return found;
    if (this.known.size >= mostKept) this.known = new Map();
    const { known } = this;
    const value = work();
    known.set(name, value);
    const forget = () => known.delete(name);
    value.then((given) => {
      if (!isWorth(given)) forget();
    }, forget);
    return value;
  }
}
