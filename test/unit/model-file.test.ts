import { describe, expect, it } from 'vitest';
import { parseModelFile } from '../../models/model-file.ts';
import { SluiceError } from '../../sql/errors.ts';

const header = `/*
name: sums
kind: incremental
layer: mart
grain: one day
key: [day]
touched: touched_day
description: Sums by day.
columns:
  day: the day
  total: {description: the sum, unit: messages}
*/`;
const parse = (content: string) => parseModelFile('sql/models/sums.sql', 'sums', content);
const mistake = (content: string) => {
  try {
    parse(content);
  } catch (error) {
    if (error instanceof SluiceError) return { code: error.code, line: error.line, detail: error.detail };
  }
  return null;
};

describe('a model file', () => {
  it('is a header, temporary steps, one query, emits and audits, each with the line it begins on', () => {
    const model = parse(
      `${header}\n\n-- temp: touched_day\nSELECT 1 AS day\n\n-- query\nSELECT day,\n  total FROM t;\n\n-- emit: changed_message\nSELECT 2\n\n-- audit: positive\nSELECT 3\n`,
    );
    expect(model).toMatchObject({
      name: 'sums',
      key: ['day'],
      columns: { day: { description: 'the day' }, total: { unit: 'messages' } },
    });
    expect(
      [...model.steps, model.query, ...model.emits, ...model.audits].map(({ kind, name, sql, line }) => [kind, name, sql, line]),
    ).toEqual([
      ['temp', 'touched_day', 'SELECT 1 AS day', 15],
      ['query', 'query', 'SELECT day,\n  total FROM t', 18],
      ['emit', 'changed_message', 'SELECT 2', 22],
      ['audit', 'positive', 'SELECT 3', 25],
    ]);
  });

  it('may go straight to its query', () => {
    expect(parse(`${header}\nSELECT 1\n`).query).toMatchObject({ sql: 'SELECT 1', line: 13 });
  });

  it.each([
    ['no header', 'SELECT 1', 1, 'begins with a comment'],
    ['a header that does not end', '/*\nname: sums\n', 1, 'begins with a comment'],
    ['no query', `${header}\n`, 12, 'has no query'],
    ['broken YAML', `${header.replace('grain: one day', 'grain: [one day')}\nSELECT 1`, 6, ''],
    ['an unknown kind', `${header.replace('incremental', 'cube')}\nSELECT 1`, 3, 'kind'],
    ['a key that is no column', `${header.replace('[day]', '[week]')}\nSELECT 1`, 6, 'key'],
    ['a missing description', `${header.replace('description: Sums by day.', 'description: ""')}\nSELECT 1`, 8, 'description'],
    ['another name than its file', `${header.replace('name: sums', 'name: products')}\nSELECT 1`, 2, 'products'],
    ['a section without a name', `${header}\nSELECT 1\n-- audit:\nSELECT 2`, 14, 'needs a name'],
    ['an empty section', `${header}\nSELECT 1\n-- audit: nothing\n`, 15, 'is empty'],
    ['two queries', `${header}\nSELECT 1\n-- query\nSELECT 2`, 15, 'two queries'],
    ['two sections of one name', `${header}\nSELECT 1\n-- audit: a\nSELECT 2\n-- audit: a\nSELECT 3`, 17, 'two sections'],
  ])('with %s is refused at its line', (_, content, line, detail) => {
    expect(mistake(content)).toMatchObject({ code: 'model_invalid', line, detail: expect.stringContaining(detail) });
  });
});
