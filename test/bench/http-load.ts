import { connect, type Socket } from 'node:net';

export interface LoadResult {
  answered: number;
  /** Answers that were not 200. */
  refused: number;
  seconds: number;
  /** Milliseconds from the request's last byte to the answer's first, sorted. */
  latencies: Float64Array;
}

/**
 * Plain HTTP/1.1 over kept-alive sockets, one request at a time each: a load generator has to be cheaper than what it measures, and
 * the usual clients cost more than the server here.
 */
export async function httpLoad(options: {
  port: number;
  connections: number;
  seconds: number;
  /** Requests a second over all connections; absent = as fast as the server answers. */
  rate?: number;
  next: () => Buffer;
}): Promise<LoadResult> {
  const { port, connections, seconds, rate, next } = options;
  const latencies: number[] = [];
  let answered = 0;
  let refused = 0;
  let sent = 0;
  const started = performance.now();
  const end = started + seconds * 1000;
  const allowed = () => (rate === undefined ? Number.POSITIVE_INFINITY : ((performance.now() - started) / 1000) * rate);

  const run = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let asked = 0;
      const ask = () => {
        if (performance.now() >= end) {
          socket.destroy();
          resolve();
        } else if (sent >= allowed()) {
          setTimeout(ask, 2);
        } else {
          sent += 1;
          asked = performance.now();
          socket.write(next());
        }
      };
      // Every answer measured here is short and comes in one segment.
      socket.on('data', (answer) => {
        latencies.push(performance.now() - asked);
        answered += 1;
        if (answer[9] !== 0x32) refused += 1;
        ask();
      });
      socket.on('error', reject);
      socket.setNoDelay(true);
      ask();
    });

  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)));
  await Promise.all(sockets.map(run));
  return {
    answered,
    refused,
    seconds: (performance.now() - started) / 1000,
    latencies: Float64Array.from(latencies).sort(),
  };
}

/** The value below which this share of the sorted values lies. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A connected socket to a port of this machine. */
export function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}
