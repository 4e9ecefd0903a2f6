import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { SluiceError } from '../sql/errors.ts';
import type { Config } from './config.ts';

/**
 * Listens; port 0 takes a free one. Answers where this machine reaches it, without a slash at the end.
 * @throws SluiceError `config_invalid` when the address cannot be had; the app is closed then
 */
export async function listen(
  app: FastifyInstance,
  { host, port: wanted }: Config['http'],
): Promise<{ url: string; port: number }> {
  try {
    await app.listen({ host, port: wanted, backlog: 2048 });
  } catch (cause) {
    await app.close();
    const { code } = cause as NodeJS.ErrnoException;
    throw new SluiceError('config_invalid', {
      detail: `SLUICE_HTTP_HOST, SLUICE_HTTP_PORT: cannot listen on ${host}:${wanted} (${code})`,
      cause,
    });
  }
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://${reachableHost(host)}:${port}`, port };
}

/** An address that a program on this machine can connect to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
