import type { MessagePort } from 'node:worker_threads';
import { type PlainError, plainError, revivedError } from '../../sql/errors.ts';
import { columnMemory } from '../transfer.ts';

/** A service whose methods take and give plain values, so that it can live in another thread. */
type Service = { [method: string]: (...args: never[]) => Promise<unknown> };

interface Call {
  id: number;
  method: string;
  args: unknown[];
}
type Answer = { id: number; value: unknown } | { id: number; error: PlainError };

/** Answers calls that arrive on the port with the service's methods. */
export function expose<T extends object>(port: MessagePort, service: T): void {
  port.on('message', ({ id, method, args }: Call) => {
    const call = (service as unknown as Service)[method];
    const done = call === undefined ? Promise.reject(new Error(`no method ${method}`)) : call.apply(service, args as never[]);
    done.then(
      (value) =>
        port.postMessage(
          { id, value } satisfies Answer,
          value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : columnMemory(value),
        ),
      (error) => port.postMessage({ id, error: plainError(error) } satisfies Answer),
    );
  });
}

/** A stand-in for the service at the other end of the port. `fail` refuses all calls, those under way included. */
export function remote<T extends object>(port: MessagePort): { service: T; fail(error: Error): void } {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let next = 0;
  let failed: Error | undefined;
  port.on('message', (answer: Answer) => {
    const waiting = open.get(answer.id);
    open.delete(answer.id);
    if ('error' in answer) waiting?.reject(revivedError(answer.error));
    else waiting?.resolve(answer.value);
  });
  const call = (method: string, args: unknown[]) =>
    new Promise((resolve, reject) => {
      if (failed !== undefined) return reject(failed);
      const id = next++;
      open.set(id, { resolve, reject });
      port.postMessage({ id, method, args } satisfies Call);
    });
  const service = new Proxy({} as T, {
    get: (_, method) =>
      typeof method === 'string' && method !== 'then' ? (...args: unknown[]) => call(method, args) : undefined,
  });
  const fail = (error: Error) => {
    failed = error;
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  return { service, fail };
}
