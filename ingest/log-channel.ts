import type { MessagePort } from 'node:worker_threads';
import { type PlainError, plainError, revivedError, SluiceError } from '../sql/errors.ts';
import type { EventLogReader } from './event-log.ts';
import { decodeFrames, encodeFrame, type Frame } from './frame.ts';
import type { LogRecord, Positions } from './record.ts';

/**
 * The log's reading side for another thread. The log lives where HTTP is answered; the warehouse reads it through a MessagePort.
 * Records go over packed in frames whose memory changes hands, so that the cost is one copy of the bytes and nothing per record.
 */
type Request = { id: number; from: Positions } & (
  | { call: 'read'; maxBytes: number }
  | { call: 'waitFor'; timeoutMs: number }
  | { call: 'end' }
  | { call: 'applied' }
);

/** Consecutive records of one partition. */
interface Run extends Frame {
  partition: string;
}

type Reply = { id: number } & ({ value: Run[] | Positions | undefined } | { error: PlainError });

/** Answers a port's requests from `log` until the port closes. */
export function serveLog(port: MessagePort, log: EventLogReader): void {
  port.on('message', async (request: Request) => {
    try {
      const value = await answer(log, request);
      const memory = Array.isArray(value) ? value.map(({ data }) => data.buffer as ArrayBuffer) : [];
      port.postMessage({ id: request.id, value } satisfies Reply, memory);
    } catch (error) {
      port.postMessage({ id: request.id, error: plainError(error) } satisfies Reply);
    }
  });
}

/** The log behind a port that another thread serves. Calls reject with `log_unavailable` once the port is closed. */
export function connectLog(port: MessagePort): EventLogReader & { close(): void } {
  const calls = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>();
  let lastId = 0;
  let closed = false;
  port.on('message', (reply: Reply) => {
    const call = calls.get(reply.id);
    calls.delete(reply.id);
    if ('error' in reply) call?.reject(revivedError(reply.error));
    else call?.resolve(reply.value as never);
  });
  port.on('close', () => {
    closed = true;
    for (const { reject } of calls.values()) reject(gone());
    calls.clear();
  });
  const ask = <T>(request: DistributiveOmit<Request, 'id'>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closed) return reject(gone());
      const id = ++lastId;
      calls.set(id, { resolve, reject });
      port.postMessage({ ...request, id });
    });
  return {
    read: async (from, maxBytes) => {
      const runs = await ask<Run[]>({ call: 'read', from, maxBytes });
      return runs.flatMap((run) => decodeFrames([run], run.partition));
    },
    waitFor: (from, timeoutMs) => ask({ call: 'waitFor', from, timeoutMs }),
    end: () => ask({ call: 'end', from: new Map() }),
    applied: (positions) => ask({ call: 'applied', from: positions }),
    close: () => port.close(),
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

async function answer(log: EventLogReader, request: Request): Promise<Run[] | Positions | undefined> {
  switch (request.call) {
    case 'read':
      return pack(await log.read(request.from, request.maxBytes));
    case 'waitFor':
      await log.waitFor(request.from, request.timeoutMs);
      return undefined;
    case 'end':
      return log.end();
    case 'applied':
      await log.applied(request.from);
      return undefined;
  }
}

function pack(records: LogRecord[]): Run[] {
  const runs: LogRecord[][] = [];
  for (const record of records) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last?.partition === record.partition && last.offset + 1n === record.offset) run.push(record);
    else runs.push([record]);
  }
  return runs.map((run) => ({
    partition: run[0]?.partition ?? '',
    firstOffset: Number(run[0]?.offset),
    records: run.length,
    data: encodeFrame(run),
  }));
}

function gone(): SluiceError {
  return new SluiceError('log_unavailable', { detail: 'the channel to the log is closed' });
}
