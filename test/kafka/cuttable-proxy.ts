import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on this machine between a client and a broker, to cut the network in the ways that networks fail. */
export interface CuttableProxy {
  readonly port: number;
  /** Breaks every connection and refuses new ones until `heal`. */
  cut(): void;
  /** Keeps connections open and lets nothing through, as a firewall that drops packets does, until `heal`. */
  stall(): void;
  heal(): void;
  close(): Promise<void>;
}

/** @param target `host:port`, asked at each connection, so that it may be known later than the proxy's own port */
export async function cuttableProxy(target: () => string): Promise<CuttableProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let state: 'open' | 'cut' | 'stalled' = 'open';
  const settle = ([one, other]: [Socket, Socket]) => {
    for (const socket of [one, other]) {
      if (state === 'cut') socket.destroy();
      else if (state === 'stalled') socket.pause();
      else socket.resume();
    }
  };
  const server = createServer((client) => {
    if (state === 'cut') return client.destroy();
    const [host = '', port] = target().split(':');
    const broker = connect(Number(port), host);
    const pair: [Socket, Socket] = [client, broker];
    pairs.add(pair);
    client.on('data', (data) => broker.write(data));
    broker.on('data', (data) => client.write(data));
    for (const [socket, other] of [pair, [broker, client]] as [Socket, Socket][]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    settle(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const become = (next: typeof state) => {
    state = next;
    for (const pair of pairs) settle(pair);
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => become('cut'),
    stall: () => become('stalled'),
    heal: () => become('open'),
    close: async () => {
      become('cut');
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
