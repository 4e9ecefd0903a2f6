import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import type { Logger } from '../../../api/logger.ts';
import { problemSender } from '../../../api/problem.ts';
import { SluiceError } from '../../../sql/errors.ts';

function logbook() {
  const lines: { code: string; count?: number }[] = [];
  let now = 0;
  const logger = { error: (fields: { code: string; count?: number }) => lines.push(fields) } as unknown as Logger;
  const reply = { status: () => reply, type: () => reply, send: () => reply } as unknown as FastifyReply;
  const request = { id: 'r', method: 'POST', headers: {} } as unknown as FastifyRequest;
  const send = problemSender(logger, () => now);
  const fail = (error: unknown) => send(request, reply, error);
  return { lines, fail, wait: (ms: number) => (now += ms) };
}

it('an error that meets everybody while it lasts is logged once in ten seconds, with how many it stands for', () => {
  const { lines, fail, wait } = logbook();
  for (let n = 0; n < 1000; n += 1) fail(new SluiceError('control_starting'));
  fail(new SluiceError('log_unavailable'));
  expect(lines.map(({ code, count }) => [code, count])).toEqual([
    ['control_starting', 1],
    ['log_unavailable', 1],
  ]);
  wait(10_000);
  fail(new SluiceError('control_starting'));
  expect(lines.at(-1)).toMatchObject({ code: 'control_starting', count: 1000 });
});

it('errors of our own making are logged one by one, those of clients not at all', () => {
  const { lines, fail } = logbook();
  fail(new TypeError('a fault'));
  fail(new TypeError('another'));
  fail(new SluiceError('input_invalid'));
  expect(lines.map(({ code }) => code)).toEqual(['internal', 'internal']);
});
