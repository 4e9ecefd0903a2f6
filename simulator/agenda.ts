/** What is still to happen, earliest first; things due at one instant happen in the order in which they were put in. A binary heap. */
export class Agenda {
  private times = new Float64Array(1024);
  private order = new Float64Array(1024);
  private readonly actions: (() => void)[] = [];
  private counter = 0;

  get size(): number {
    return this.actions.length;
  }

  /** When the next thing is due; Infinity when there is none. */
  nextAt(): number {
    return this.actions.length === 0 ? Number.POSITIVE_INFINITY : (this.times[0] as number);
  }

  put(at: number, action: () => void): void {
    let i = this.actions.length;
    if (i === this.times.length) this.grow();
    this.actions.push(action);
    const { times, order, actions } = this;
    const rank = this.counter++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((times[parent] as number) <= at) break;
      this.move(parent, i);
      i = parent;
    }
    times[i] = at;
    order[i] = rank;
    actions[i] = action;
  }

  /** Takes out the next thing. Throws when there is none. */
  take(): () => void {
    const { times, order, actions } = this;
    const first = actions[0];
    const last = actions.pop();
    if (first === undefined || last === undefined) throw new Error('The agenda is empty');
    const size = actions.length;
    if (size === 0) return first;
    const at = times[size] as number;
    const rank = order[size] as number;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.before(child + 1, child)) child++;
      const childAt = times[child] as number;
      if (childAt > at || (childAt === at && (order[child] as number) > rank)) break;
      this.move(child, i);
      i = child;
    }
    times[i] = at;
    order[i] = rank;
    actions[i] = last;
    return first;
  }

  private before(a: number, b: number): boolean {
    const x = this.times[a] as number;
    const y = this.times[b] as number;
    return x < y || (x === y && (this.order[a] as number) < (this.order[b] as number));
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from] as number;
    this.order[to] = this.order[from] as number;
    this.actions[to] = this.actions[from] as () => void;
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2);
    const order = new Float64Array(this.order.length * 2);
    times.set(this.times);
    order.set(this.order);
    this.times = times;
    this.order = order;
  }
}
