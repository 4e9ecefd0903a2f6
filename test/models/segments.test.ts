import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseModelFile } from '../../models/model-file.ts';
import { segmentMember } from '../../models/segment-member.ts';
import { useModels } from './fixture.ts';

const seedFolder = mkdtempSync(join(tmpdir(), 'sluice-segments-'));
writeFileSync(join(seedFolder, 'people_setting.csv'), 'name,value,meaning\ndormant_days,10,soon\n');
afterAll(() => rmSync(seedFolder, { recursive: true }));

/** Builds are at 2026-11-21 12:00. */
const marts = ['segment_size'];
const models = useModels({ marts });
const impatient = useModels({ marts, seedFolder });

/** c1 spent most and ordered long ago, c2 some, c3 little; c4 never ordered. */
async function people(get: typeof models.get): Promise<void> {
  for (const [customer, occurred_at, euros] of [
    ['c1', '2026-10-01', 100],
    ['c2', '2026-11-10', 50],
    ['c3', '2026-01-01', 10],
    ['c3', '2026-01-02', 1],
  ] as const) {
    const order = `${customer} ${occurred_at}`;
    await get().insert('fact_conversion', {
      ...{ event_id: order, order_id: order, kind: 'order', contact_alias: customer, occurred_at },
      ...{ amount_micros: euros * 1_000_000, currency: 'EUR' },
    });
  }
  const consent = { category: 'marketing', state: 'granted', source: 'backend', occurred_at: '2026-01-01' };
  await get().insert(
    'fact_consent',
    { ...consent, event_id: 'e1', contact_alias: 'c1' },
    { ...consent, event_id: 'e4', contact_alias: 'c4' },
  );
  await get().built(true);
}
const members = async (get: typeof models.get) =>
  (
    await get().rows(
      "SELECT segment, string_agg(customer, ' ' ORDER BY customer) AS who FROM segment_member GROUP BY segment ORDER BY segment",
    )
  ).map(({ segment, who }) => `${segment}: ${who}`);

describe('segments of files', () => {
  it('hold the people that their query gives, and are counted', async () => {
    await people(models.get);
    expect(await members(models.get)).toEqual(['about_to_leave: c1', 'dormant: c3', 'high_value: c1']);
    const { rows } = await models.get().ask({ metrics: ['segment_people', 'segment_consent_rate'], by: ['people_segment'] });
    expect(
      rows.map(({ dimensions, metrics }) => [
        dimensions['people_segment'],
        metrics['segment_people']?.value,
        metrics['segment_consent_rate']?.value,
      ]),
    ).toEqual([
      ['about_to_leave', 1, 1],
      ['dormant', 1, 0],
      ['high_value', 1, 1],
    ]);
  });

  it('follow the settings of the user', async () => {
    await people(impatient.get);
    // 10 November, 00:00 is 11.5 days ago.
    expect(await members(impatient.get)).toEqual(['about_to_leave: c1', 'dormant: c1 c2 c3', 'high_value: c1']);
  });

  it('must give the column customer', () => {
    const text = (columns: string) =>
      `/*\nname: segment_x\nkind: view\nlayer: segment\ngrain: one person\ndescription: Mine.\ncolumns: {${columns}}\n*/\nSELECT 1 AS n\n`;
    expect(() => parseModelFile('x.sql', 'segment_x', text('n: a number'))).toThrow(
      'columns: of a segment are customer, and what else it tells of them (x.sql:7)',
    );
    const [member] = segmentMember([parseModelFile('x.sql', 'segment_x', text('customer: the person'))]);
    expect(member?.query.sql).toContain("SELECT 'x' AS segment, customer FROM segment_x");
    expect(segmentMember([])).toEqual([]);
  });
});
