import { describe, expect, it } from 'vitest';
import { useModels } from './fixture.ts';

const models = useModels({ marts: ['contact_period'] });

/** The periods of an alias: from when on it stands for whom. The first begins before all time. */
async function periods(alias: string): Promise<[string | null, string][]> {
  const rows = await models
    .get()
    .rows(
      `SELECT CASE WHEN isfinite(valid_from) THEN strftime(valid_from, '%Y-%m-%d') END AS since, contact FROM contact_period WHERE alias_id = '${alias}' ORDER BY valid_from`,
    );
  return rows.map(({ since, contact }) => [since as string | null, String(contact)]);
}

/** Links in the order given, in the reverse order, and one at a time with a build after each: all must agree. */
async function given(links: [string, string, string, string?][], check: () => Promise<void>): Promise<void> {
  const warehouse = models.get();
  const aliases = [...new Set([...links.map(([a]) => a), ...links.map(([, b]) => b)])];
  for (const order of [links, [...links].reverse()]) {
    for (const stepwise of [false, true]) {
      await warehouse.clear();
      await warehouse.alias(...aliases);
      for (const [a, b, day, source] of order) {
        await warehouse.link(a, b, `${day} 00:00:00`, source);
        await warehouse.insert('changed_contact', { alias_id: a }, { alias_id: b });
        if (stepwise) await warehouse.built();
      }
      await warehouse.built();
      await check();
    }
  }
}

describe('a phone number', () => {
  it('stands for the contact that it is linked to, before the first link as well', () =>
    given([['cAnna', 'p1', '2026-03-01', 'backend']], async () => {
      expect(await periods('p1')).toEqual([[null, 'cAnna']]);
    }));

  it('that is recycled belongs to the first until the second is linked', () =>
    given(
      [
        ['cAnna', 'p1', '2026-01-01', 'backend'],
        ['cAnna', 'p1', '2026-02-01', 'backend'],
        ['cBert', 'p1', '2026-03-01', 'backend'],
      ],
      async () => {
        expect(await periods('p1')).toEqual([
          [null, 'cAnna'],
          ['2026-03-01', 'cBert'],
        ]);
      },
    ));

  it('without a contact stands for the smallest user id seen with it', () =>
    given(
      [
        ['p1', 'u2', '2026-01-01'],
        ['p1', 'u1', '2026-01-02'],
        ['p1', 'u2', '2026-02-01'],
        ['u1', 'u2', '2026-01-01'],
      ],
      async () => {
        expect(await periods('p1')).toEqual([[null, 'u1']]);
        expect(await periods('u2')).toEqual([[null, 'u1']]);
        expect(await periods('u1')).toEqual([[null, 'u1']]);
      },
    ));

  it('without a contact goes over to the next user id when the first is no longer seen', () =>
    given(
      [
        ['p1', 'u9', '2026-01-01'],
        ['p1', 'u1', '2026-05-01'],
      ],
      async () => {
        expect(await periods('p1')).toEqual([
          [null, 'u9'],
          ['2026-05-01', 'u1'],
        ]);
      },
    ));

  it('learns its contact through a user id', () =>
    given(
      [
        ['p1', 'u1', '2026-01-01'],
        ['u1', 'cAnna', '2026-02-01', 'backend'],
      ],
      async () => {
        expect(await periods('p1')).toEqual([[null, 'cAnna']]);
      },
    ));
});

describe('a user id', () => {
  it('learns its contact through the number it was seen with', () =>
    given(
      [
        ['cAnna', 'p1', '2026-01-01', 'backend'],
        ['p1', 'u1', '2026-02-01'],
      ],
      async () => {
        expect(await periods('u1')).toEqual([[null, 'cAnna']]);
      },
    ));

  it('of a recycled number is the new owner’s', () =>
    given(
      [
        ['cAnna', 'p1', '2026-01-01', 'backend'],
        ['p1', 'u1', '2026-01-01'],
        ['cBert', 'p1', '2026-03-01', 'backend'],
        ['p1', 'u2', '2026-04-01'],
      ],
      async () => {
        expect(await periods('u1')).toEqual([[null, 'cAnna']]);
        expect(await periods('u2')).toEqual([[null, 'cBert']]);
      },
    ));

  it('that replaces another stands for the same contact', () =>
    given(
      [
        ['u1', 'cAnna', '2026-01-01', 'backend'],
        ['u1', 'u2', '2026-03-01', 'user_change'],
      ],
      async () => {
        expect(await periods('u2')).toEqual([[null, 'cAnna']]);
      },
    ));
});

describe('a changed number', () => {
  it('takes the person along, over two changes, and leaves the old number to its next owner', () =>
    given(
      [
        ['cAnna', 'p1', '2026-01-01', 'backend'],
        ['p1', 'p2', '2026-02-01', 'number_change'],
        ['p2', 'p3', '2026-03-01', 'number_change'],
        ['cBert', 'p1', '2026-04-01', 'backend'],
      ],
      async () => {
        expect(await periods('p1')).toEqual([
          [null, 'cAnna'],
          ['2026-04-01', 'cBert'],
        ]);
        expect(await periods('p2')).toEqual([[null, 'cAnna']]);
        expect(await periods('p3')).toEqual([[null, 'cAnna']]);
      },
    ));

  it('onto a recycled number ends the time of its owner before', () =>
    given(
      [
        ['cAnna', 'p1', '2026-01-01', 'backend'],
        ['cBert', 'p2', '2026-01-01', 'backend'],
        ['p1', 'p2', '2026-02-01', 'number_change'],
      ],
      async () => {
        expect(await periods('p2')).toEqual([
          [null, 'cBert'],
          ['2026-02-01', 'cAnna'],
        ]);
      },
    ));

  it('takes along a person who has no contact id', () =>
    given(
      [
        ['p1', 'u1', '2026-01-01'],
        ['p1', 'p2', '2026-02-01', 'number_change'],
      ],
      async () => {
        expect(await periods('p2')).toEqual([[null, 'u1']]);
      },
    ));

  it('there and back does not go round for ever', () =>
    given(
      [
        ['cAnna', 'p1', '2026-01-01', 'backend'],
        ['p1', 'p2', '2026-02-01', 'number_change'],
        ['p2', 'p1', '2026-02-01', 'number_change'],
        ['p2', 'p1', '2026-03-01', 'number_change'],
      ],
      async () => {
        expect(await periods('p1')).toEqual([[null, 'cAnna']]);
      },
    ));
});
