import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shopCampaigns } from '../../../simulator/campaign.ts';
import { day, type Emission, hour, minute, second } from '../../../simulator/emission.ts';
import type { World } from '../../../simulator/world.ts';
import { recount } from './recount.ts';
import { shortCampaigns, smallWorld, startAt } from './worlds.ts';

/** How a request is answered: the share granted, after how long, for how long, and when to ask again. */
interface Rule {
  share: number;
  lease: number;
  retry: number | null;
}

interface Right {
  granted: number;
  expiresAt: number;
  campaign: string;
  segment: string;
  variant: string | undefined;
}

/** Plays a world and answers each request at the end of its step. */
function play(world: World, until: number, step: number, rules: readonly Rule[]) {
  const out: Emission[] = [];
  const rights = new Map<string, Right>();
  let asked = 0;
  while (world.now < until) {
    const emissions = world.advance(Math.min(until, world.now + step));
    out.push(...emissions);
    for (const emission of emissions) {
      if (emission.kind !== 'permit') continue;
      const { request_id, count, campaign_id, segment_id, variant_id } = emission.request;
      const { share, lease, retry } = rules[asked % rules.length] ?? { share: 1, lease: minute, retry: null };
      const permit_id = `permit-${asked++}`;
      const granted = Math.floor(count * share);
      const expiresAt = world.now + lease;
      rights.set(permit_id, { granted, expiresAt, campaign: campaign_id, segment: segment_id, variant: variant_id });
      world.permit({ request_id, permit_id, granted, expires_at: expiresAt, retry_after_ms: retry });
    }
  }
  return { out, rights };
}

/** Requested messages of campaigns, each once. */
function sends(out: readonly Emission[]) {
  const byId = new Map(
    out.flatMap((emission) =>
      emission.kind === 'event' && emission.event.type === 'message.requested' && emission.event['campaign_id'] !== undefined
        ? [[emission.event['send_id'], emission.event] as const]
        : [],
    ),
  );
  return [...byId.values()].sort((a, b) => (String(a['send_id']) < String(b['send_id']) ? -1 : 1));
}

/** One campaign that writes to everybody at once, and nothing else. */
const wave = (perSecond: number) =>
  shopCampaigns(300)
    .filter(({ id }) => id === 'weekly-news')
    .map((plan) => ({
      ...plan,
      timing: { kind: 'waves' as const, segments: ['loyal' as const], share: 1, days: [0], hour: 7, perSecond },
    }));
const waveWorld = (perSecond = 10) => smallWorld({ campaigns: wave(perSecond), permitsFrom: startAt });

describe('a world that asks for permits', () => {
  const rule: fc.Arbitrary<Rule> = fc.record({
    share: fc.constantFrom(0, 0.3, 1),
    lease: fc.constantFrom(20 * second, minute, hour),
    retry: fc.constantFrom(null, 10 * second, 10 * minute, 5 * hour),
  });

  it('sends nothing of a campaign without a right that is in force, and no right twice', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), fc.constantFrom(15 * second, minute, hour), (rules, step) => {
        const { out, rights } = play(smallWorld({ permitsFrom: startAt }), startAt + day, step, rules);
        const used = new Map<string, number>();
        for (const event of sends(out)) {
          const id = String(event['permit_id']);
          const right = rights.get(id);
          expect(right).toBeDefined();
          expect(Date.parse(event.at)).toBeLessThan(right?.expiresAt ?? 0);
          expect([event['campaign_id'], event['segment_id'], event['variant_id']]).toEqual([
            right?.campaign,
            right?.segment,
            right?.variant,
          ]);
          used.set(id, (used.get(id) ?? 0) + 1);
        }
        for (const emission of out) {
          if (emission.kind === 'return') used.set(emission.permit_id, (used.get(emission.permit_id) ?? 0) + emission.count);
        }
        for (const [id, count] of used) expect(count).toBeLessThanOrEqual(rights.get(id)?.granted ?? 0);
      }),
      { numRuns: 12 },
    );
  });

  it('is the same to the byte for the same seed and the same answers', () => {
    const once = () =>
      JSON.stringify(
        play(smallWorld({ permitsFrom: startAt }), startAt + day, minute, [
          { share: 0.5, lease: minute, retry: null },
          { share: 0, lease: minute, retry: hour },
        ]).out,
      );
    expect(once()).toBe(once());
  });

  it('counts what was put on the wire, however long messages had to wait', () => {
    const world = smallWorld({ permitsFrom: startAt + hour, campaigns: shortCampaigns(300) });
    const { out } = play(world, startAt + 5 * day, minute, [
      { share: 0.4, lease: minute, retry: 20 * minute },
      { share: 1, lease: minute, retry: null },
    ]);
    const rows = Object.fromEntries(
      world.tally().rows.map(({ campaign_id, variant_id, ...counts }) => [`${campaign_id}/${variant_id}`, counts]),
    );
    expect(rows).toEqual(recount(out));
  });

  it('asks for what waits, lets it go out in order at the pace of the campaign, and asks for the next', () => {
    const freely = sends(
      smallWorld({ campaigns: wave(10) })
        .advance(startAt + 2 * hour)
        .slice(),
    ).map((event) => event['contact_id']);
    const world = waveWorld();
    const { out } = play(world, startAt + 2 * hour, 15 * second, [{ share: 1, lease: minute, retry: null }]);
    const sent = sends(out);
    expect(sent.length).toBeGreaterThan(50);
    // The world draws its chances in another order, but the people come in the order of its list all the same.
    const places = sent.map((event) => Number(String(event['contact_id']).split('-')[1]));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(sent.length).toBe(freely.length);
    const times = sent.map((event) => Date.parse(event.at));
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99);
  });

  it('waits as long as it was told when nothing was granted, and asks again', () => {
    const { out } = play(waveWorld(), startAt + 3 * hour, second, [{ share: 0, lease: minute, retry: 10 * minute }]);
    const asked = out.flatMap((emission) => (emission.kind === 'permit' ? [emission] : []));
    expect(sends(out)).toEqual([]);
    // The wave begins at 7:00, an hour after the world, and is asked for every ten minutes from then on.
    expect(asked.length).toBe(12);
    const gaps = asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10 * minute);
    // The first request is for the first second; the others are for everybody.
    expect(asked.at(-1)?.request.count).toBe(Math.max(...asked.map(({ request }) => request.count)));
  });

  it('gives up what has waited for more than a day, and counts it', () => {
    const world = waveWorld();
    play(world, startAt + 27 * hour, minute, [{ share: 0, lease: minute, retry: 10 * minute }]);
    const use = world.report().permits.get('weekly-news');
    expect(use?.wanted).toBeGreaterThan(50);
    expect(use).toMatchObject({ sent: 0, waits: [] });
    expect((use?.given_up ?? 0) + (use?.withdrawn ?? 0)).toBe(use?.wanted);
    expect(use?.given_up).toBeGreaterThan(0.9 * (use?.wanted ?? 0));
  });

  it('lets go of rights that end before their turn has come, and asks anew', () => {
    // Ten seconds at one message a second are ten of the rights.
    const { out, rights } = play(waveWorld(1), startAt + 1.05 * hour, second, [{ share: 1, lease: 10 * second, retry: null }]);
    const used = new Map<unknown, number>();
    for (const event of sends(out)) used.set(event['permit_id'], (used.get(event['permit_id']) ?? 0) + 1);
    expect(Math.max(...used.values())).toBeLessThanOrEqual(10);
    expect(rights.size).toBeGreaterThan(5);
  });

  it('does not ask before the time from which it has to', () => {
    const { out } = play(smallWorld({ permitsFrom: startAt + 12 * hour }), startAt + day, minute, [
      { share: 1, lease: minute, retry: null },
    ]);
    for (const event of sends(out)) {
      expect(event['permit_id'] === undefined).toBe(Date.parse(event.at) < startAt + 12 * hour);
    }
    expect(sends(out).some((event) => event['permit_id'] !== undefined)).toBe(true);
  });
});
