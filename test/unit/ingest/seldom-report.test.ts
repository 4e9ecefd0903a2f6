import { expect, it } from 'vitest';
import { seldomReport } from '../../../ingest/kafka/seldom-report.ts';

it('reports the same trouble once a minute, with how often it was seen', () => {
  let now = 0;
  const said: [string, Record<string, unknown>][] = [];
  const report = seldomReport(
    (text, detail) => said.push([text, detail]),
    () => now,
  );
  for (let n = 0; n < 600; n += 1) {
    now = n * 100;
    report(`cannot connect to 127.0.0.1:${n}`, { n });
  }
  report('something else', {});
  now = 60_000;
  report('cannot connect to 127.0.0.1:9', { n: 9 });
  expect(said).toEqual([
    ['cannot connect to 127.0.0.1:0', { n: 0 }],
    ['something else', {}],
    ['cannot connect to 127.0.0.1:9', { n: 9, seen_since: 599 }],
  ]);
});
