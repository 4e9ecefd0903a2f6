import { expect, it } from 'vitest';
import { commandId } from '../../../api/command-log.ts';

it('ids of commands rise in the order in which they are given, within one millisecond too', () => {
  const at = Date.parse('2026-11-21T10:00:00Z');
  const ids = [...Array.from({ length: 300 }, () => commandId(at)), commandId(at + 1), commandId(at + 1)];
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(302);
});
