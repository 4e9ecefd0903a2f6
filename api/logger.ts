import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/** Where a secret could stand in an object that is logged. Addresses are logged without their query (app.ts). */
const secretPaths = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-hub-signature-256',
  'x-csrf-token',
  'token',
  'secret',
  'password',
];
const redact = {
  paths: secretPaths.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`, `*.*.*["${name}"]`]),
  censor: '[secret]',
};

/** The program's logger: JSON lines, or coloured text on a terminal. `destination` is for tests. */
export function createLogger(level: Config['logLevel'], destination?: DestinationStream): Logger {
  const options = { level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (destination !== undefined) return pino(options, destination);
  if (process.stdout.isTTY)
    return pino(options, pretty({ sync: true, colorize: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' }));
  return pino(options, pino.destination({ dest: 1, sync: true }));
}
