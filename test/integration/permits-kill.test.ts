import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { WarehouseStatus } from '../../api/warehouse.ts';
import { defaultPolicy } from '../../controller/policy.ts';
import { Random } from '../../simulator/random.ts';
import { PermitHolder } from '../chaos/permit-holder.ts';
import { ServerProcess } from '../chaos/server-process.ts';
import { inFile, Sender, together } from '../served.ts';
import { prepareFolder } from '../template-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';

/** Asks until the controller has taken over: until then every answer is no. */
async function takenOver(sender: Sender): Promise<void> {
  const body = { phone_number_id: 'x', category: 'service', template_name: 'x', count: 1, lease_seconds: 1 };
  for (let n = 0; ; n += 1) {
    const { status, text } = await sender.json('POST', '/v1/permits', { ...body, request_id: `probe-${Date.now()}-${n}` });
    if (status === 200) return;
    expect([status, JSON.parse(text).code]).toEqual([503, 'control_starting']);
    await sleep(50);
  }
}

it('killed again and again while it grants, a server honours no permit twice, none beyond its lease, and forgets none', async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, 'data');
  await prepareFolder(dataDir);
  const random = new Random(20_261_126);
  const holder = new PermitHolder(random, 3);
  let server: ServerProcess | undefined;
  try {
    for (let round = 1; round <= 5; round += 1) {
      server = new ServerProcess(dataDir);
      const url = await server.url;
      const sender = new Sender(url);
      await takenOver(sender);
      // Every lease that was promised is known: the same request gets the same permit, to the same end.
      await together(holder.held, async ({ body, held }) => {
        const { status, text } = await sender.json('POST', '/v1/permits', body);
        expect([status, JSON.parse(text)]).toMatchObject([
          200,
          { permit_id: held.permit_id, granted: held.granted, expires_at: held.expires_at },
        ]);
      });
      for (const { permit_id, expires_at } of holder.over) {
        if (Date.parse(expires_at) > Date.now()) continue;
        const { status } = await sender.json('POST', `/v1/permits/${permit_id}/return`, { count: 1 });
        expect([404, 409]).toContain(status);
      }
      await holder.aim(url);
      await sleep(random.between(0.3, 1) * 1000);
      await server.kill();
      await holder.aim(undefined);
      await sender.close();
    }
    await holder.stop();
    for (const campaign of holder.campaigns) expect(holder.heldIn(campaign)).toBeLessThanOrEqual(defaultPolicy.window.start);

    server = new ServerProcess(dataDir);
    const sender = new Sender(await server.url);
    await takenOver(sender);
    // What is left of each window is what it says, after all that: nothing was forgotten that is still out.
    for (const campaign of holder.campaigns) {
      const body = {
        request_id: `rest-${campaign}`,
        campaign_id: campaign,
        template_name: 'autumn_sale',
        phone_number_id: 'rest',
      };
      const { text } = await sender.json('POST', '/v1/permits', {
        ...body,
        category: 'marketing',
        count: 10_000,
        lease_seconds: 600,
      });
      expect(JSON.parse(text).granted + holder.heldIn(campaign)).toBeLessThanOrEqual(defaultPolicy.window.start);
    }
    for (;;) {
      const { positions } = JSON.parse((await sender.get('/v1/status')).text) as WarehouseStatus;
      if (positions.every(({ lag }) => lag === '0')) break;
      await sleep(100);
    }
    await sender.close();
    expect(await server.stop()).toBe(0);
  } finally {
    await holder.stop().catch(() => undefined);
    await server?.stop();
  }

  const facts = await inFile(dataDir, (connection) =>
    connection.rows('SELECT permit_id, any_value(granted) AS granted, count(*) AS n FROM fact_permit GROUP BY permit_id'),
  );
  const granted = new Map(facts.map((row) => [row['permit_id'], Number(row['granted'])]));
  expect(facts.filter(({ n }) => Number(n) !== 1)).toEqual([]);
  expect(holder.held.filter(({ held }) => granted.get(held.permit_id) !== held.granted)).toEqual([]);
  expect(holder.held.length).toBeGreaterThan(50);
  const returns = await inFile(dataDir, (connection) =>
    connection.rows('SELECT permit_id, sum(count) AS count FROM fact_permit_return GROUP BY permit_id'),
  );
  const back = new Map(returns.map((row) => [row['permit_id'], Number(row['count'])]));
  const wrong = holder.held.filter(({ held, returned }) => returned > 0 && back.get(held.permit_id) !== returned);
  expect(wrong).toEqual([]);
  await folder.remove();
}, 300_000);
