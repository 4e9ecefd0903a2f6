import { setImmediate } from 'node:timers/promises';

/** So many verdicts in one turn of the event loop: what else the thread has to do does not wait for a thousand of them. */
const perTurn = 10;

/** Does the work for each item, and lets others have the thread in between. */
export async function eachInTurn<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const done: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index % perTurn === perTurn - 1) await setImmediate();
    done.push(work(item));
  }
  return done;
}
