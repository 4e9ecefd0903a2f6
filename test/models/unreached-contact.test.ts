import { expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

/** Builds are at 2026-11-21 12:00. */
const models = useModels({ marts: ['unreached_contact'] });

let count = 0;
const message = (contact_alias: string, sent_at: string, more: Facts) => {
  count += 1;
  return models.get().message(`m${count}`, { contact_alias, sent_at, category: 'marketing', ...more });
};
const unreached = (contact: string, at: string) => message(contact, at, { failed_at: at, error_code: 131026 });
const rows = async () => {
  await models.get().built(true);
  const found = await models.get().rows('SELECT contact, failed_at FROM unreached_contact ORDER BY contact, failed_at');
  return found.map(({ contact, failed_at }) => `${contact} ${(failed_at as Date).toISOString().slice(0, 10)}`);
};

it('has the two newest failures of a person in 30 days', async () => {
  for (const day of ['2026-10-20', '2026-11-01', '2026-11-03', '2026-11-02']) await unreached('c1', `${day} 10:00:00`);
  await unreached('c2', '2026-11-05 10:00:00');
  expect(await rows()).toEqual(['c1 2026-11-02', 'c1 2026-11-03', 'c2 2026-11-05']);
});

it('has none from before a delivery, and no other kind of failure', async () => {
  await unreached('c1', '2026-11-01 10:00:00');
  await message('c1', '2026-11-02 10:00:00', { delivered_at: '2026-11-02 10:00:00' });
  await unreached('c1', '2026-11-04 10:00:00');
  await message('c1', '2026-11-05 10:00:00', { failed_at: '2026-11-05 10:00:00', error_code: 131049 });
  // a message that failed first and was delivered after all
  await message('c2', '2026-11-01 10:00:00', {
    failed_at: '2026-11-01 10:00:00',
    error_code: 131026,
    delivered_at: '2026-11-01 10:05:00',
  });
  expect(await rows()).toEqual(['c1 2026-11-04']);
});
