import type { Socket } from 'node:net';
import { opened } from '../http-load.ts';

export interface PipelinedResult {
  answered: number;
  /** Answers that were not 200. */
  refused: number;
  seconds: number;
  /** Milliseconds of each burst, from its last byte out to its last answer in, sorted. */
  latencies: Float64Array;
}

const head = Buffer.from('HTTP/1.1 ');

/**
 * Plain HTTP/1.1 with pipelining: each connection writes a burst of requests, waits for all their answers, and writes the next. Answers
 * are counted by their status lines, which no body here contains.
 */
export async function pipelinedLoad(options: {
  port: number;
  connections: number;
  /** Requests in flight on a connection. */
  depth: number;
  seconds: number;
  /** The bytes of so many requests. */
  burst: (requests: number) => Buffer;
}): Promise<PipelinedResult> {
  const { port, connections, depth, seconds, burst } = options;
  const latencies: number[] = [];
  let answered = 0;
  let refused = 0;
  const started = performance.now();
  const end = started + seconds * 1000;

  const run = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let waiting = 0;
      let asked = 0;
      let tail: Buffer = Buffer.alloc(0);
      const ask = () => {
        if (performance.now() >= end) {
          socket.destroy();
          return resolve();
        }
        waiting = depth;
        const bytes = burst(depth);
        asked = performance.now();
        socket.write(bytes);
      };
      socket.on('data', (chunk: Buffer) => {
        // A status line may be cut in two: the last bytes are looked at again with what follows.
        const data = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
        let from = 0;
        for (;;) {
          const at = data.indexOf(head, from);
          if (at < 0 || at + 10 > data.length) {
            tail = data.subarray(at < 0 ? Math.max(from, data.length - 8) : at);
            break;
          }
          if (data[at + 9] !== 0x32) refused += 1;
          answered += 1;
          waiting -= 1;
          from = at + 10;
        }
        if (waiting > 0) return;
        latencies.push(performance.now() - asked);
        tail = Buffer.alloc(0);
        ask();
      });
      socket.on('error', reject);
      socket.setNoDelay(true);
      ask();
    });

  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)));
  await Promise.all(sockets.map(run));
  return { answered, refused, seconds: (performance.now() - started) / 1000, latencies: Float64Array.from(latencies).sort() };
}
