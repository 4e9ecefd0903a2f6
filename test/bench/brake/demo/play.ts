import { Controller } from '../../../../controller/controller.ts';
import type { Decision } from '../../../../controller/decision.ts';
import type { PermitRequest } from '../../../../controller/permit.ts';
import { PermitBook } from '../../../../controller/permit-book.ts';
import { defaultPolicy } from '../../../../controller/policy.ts';
import { parseScope, type ScopeId } from '../../../../controller/scope.ts';
import type { ControlBooks, ControlSnapshot } from '../../../../controller/snapshot.ts';
import { hour, second } from '../../../../simulator/emission.ts';
import type { PermitRequest as Wish } from '../../../../simulator/permit-desk.ts';
import type { Downgrade } from '../../../../simulator/standing.ts';
import { createWorld, type World } from '../../../../simulator/world.ts';
import { Collector } from '../collector.ts';
import { badCampaign, history, liveTime, scenarioCampaigns, startAt } from './world.ts';

/** A step of the world; the demo's player takes a quarter of a second of wall time at 60 times real time. */
const step = 15 * second;
/** Steps from one look of the controller to the next: two minutes. A server looks twice a second, and brakes so much sooner. */
const stepsPerLook = 8;

/** What became of a world without a controller. Times in milliseconds since the bought list may begin; null when it did not happen. */
export interface Freely {
  seed: number;
  /** First downgrade of a number or template. */
  downgradedAt: number | null;
  downgrades: Downgrade[];
  /** Messages and blocks of the bad list. */
  badSent: number;
  badBlocks: number;
}

/** The same with one. `sentUntil…`: messages of the bad list that were on their way by then. */
export interface Outcome extends Freely {
  throttledAt: number | null;
  pausedAt: number | null;
  sentUntilThrottled: number | null;
  sentUntilPaused: number | null;
  good: GoodCampaign[];
}

export interface GoodCampaign {
  campaign: string;
  /** By its evidence, the whole of it or one of its streams. */
  throttled: boolean;
  paused: boolean;
  wanted: number;
  sent: number;
  givenUp: number;
  withdrawn: number;
  /** From wish to send, ms. */
  waits: number[];
}

/** Without a controller, everything goes out unasked. */
export function playFreely(seed: number, contacts: number): Freely {
  const world = worldOf(seed, contacts, Number.POSITIVE_INFINITY);
  const end = startAt + history + liveTime;
  // Nobody looks at what goes out: let go of it as it comes.
  while (world.now < end) world.advance(Math.min(end, world.now + hour));
  return { seed, ...harm(world), badSent: world.tally().rows.find((row) => row.campaign_id === badCampaign)?.requested ?? 0 };
}

/** With permits, granted by the real controller and book from counts that a collector keeps. */
export function playControlled(seed: number, contacts: number, onDecision?: (decision: Decision) => void): Outcome {
  const begin = startAt + history;
  const world = worldOf(seed, contacts, begin);
  const collector = new Collector();
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const books: ControlBooks = { seq: 0, latest: [], overrides: [], grants: [], returned: [] };
  const controller = new Controller({ policy: defaultPolicy, books, newId });
  const permits = new PermitBook({ policyOf: (campaign) => controller.policyOf(campaign), books, newId });
  const first = { throttled: new Map<string, number>(), paused: new Map<string, number>() };
  const sentBy = { throttled: null as number | null, paused: null as number | null };
  const numberOf = new Map<string, string>();

  const look = () => {
    const snapshot = collector.snapshot(world.now);
    const decisions = controller.propose(snapshot, [], world.now);
    controller.accept(decisions);
    permits.setLimits(controller.limits(snapshot, world.now), world.now);
    for (const decision of decisions) {
      onDecision?.(decision);
      const { mode } = decision.next;
      if (mode !== 'throttled' && mode !== 'paused') continue;
      for (const campaign of campaignsIn(decision.scope, snapshot)) {
        if (first[mode].has(campaign)) continue;
        first[mode].set(campaign, world.now - begin);
        if (campaign === badCampaign) sentBy[mode] = collector.requested.get(badCampaign) ?? 0;
      }
    }
  };

  for (let until = startAt + hour; until <= begin; until += hour) collector.take(world.advance(until));
  look();
  for (let steps = 1; world.now < begin + liveTime; steps++) {
    const emissions = world.advance(world.now + step);
    collector.take(emissions);
    for (const emission of emissions) {
      if (emission.kind === 'return') {
        const back = permits.giveBack(emission.permit_id, emission.count, world.now);
        collector.returned(numberOf.get(emission.permit_id) ?? '', back);
      }
      if (emission.kind !== 'permit') continue;
      const { request } = emission;
      const { answer } = permits.grant(requestOf(request), null, world.now);
      const { permit_id, granted, expires_at, retry_after_ms } = answer;
      numberOf.set(permit_id, request.phone_number_id);
      collector.granted({ permit_id, phone_number_id: request.phone_number_id, granted, at: world.now, expires_at });
      world.permit({ request_id: request.request_id, permit_id, granted, expires_at, retry_after_ms });
    }
    if (steps % stepsPerLook === 0) look();
  }

  return {
    seed,
    ...harm(world),
    throttledAt: first.throttled.get(badCampaign) ?? null,
    pausedAt: first.paused.get(badCampaign) ?? null,
    sentUntilThrottled: sentBy.throttled,
    sentUntilPaused: sentBy.paused,
    badSent: collector.requested.get(badCampaign) ?? 0,
    good: world.campaigns.flatMap(({ id }) => {
      const use = world.report().permits.get(id);
      if (id === badCampaign || use === undefined) return [];
      const { wanted, sent, given_up: givenUp, withdrawn, waits } = use;
      const braked = { throttled: first.throttled.has(id), paused: first.paused.has(id) };
      return [{ campaign: id, ...braked, wanted, sent, givenUp, withdrawn, waits }];
    }),
  };
}

function worldOf(seed: number, contacts: number, permitsFrom: number): World {
  return createWorld({ seed, contacts, startAt, permitsFrom, campaigns: scenarioCampaigns(contacts) });
}

function harm(world: World): Pick<Freely, 'downgradedAt' | 'downgrades' | 'badBlocks'> {
  const { downgrades, blocks } = world.report();
  const since = downgrades.map((downgrade) => ({ ...downgrade, at: downgrade.at - startAt - history }));
  return { downgradedAt: since[0]?.at ?? null, downgrades: since, badBlocks: blocks.get(badCampaign) ?? 0 };
}

/** The campaigns with messages in a scope: whoever else is braked with the guilty one counts as braked. */
function campaignsIn(scope: ScopeId, { cohorts }: ControlSnapshot): string[] {
  const { kind, values } = parseScope(scope) ?? {};
  const first = values?.[0] ?? null;
  if (kind === 'campaign' || kind === 'stream' || kind === 'variant') return first === null ? [] : [first];
  const part = kind === 'segment' ? 'segment_id' : kind === 'template' ? 'template_name' : kind === 'market' ? 'market' : null;
  const inside = part === null ? [] : cohorts.filter((row) => row[part] === first);
  return [...new Set(inside.flatMap(({ campaign_id }) => campaign_id ?? []))];
}

function requestOf(wish: Wish): PermitRequest {
  const { request_id, category, count, lease_seconds } = wish;
  return {
    request_id,
    address: {
      portfolio_id: null,
      waba_id: null,
      phone_number_id: wish.phone_number_id,
      template_name: wish.template_name,
      template_language: wish.template_language,
      campaign_id: wish.campaign_id,
      variant_id: wish.variant_id ?? null,
      segment_id: wish.segment_id,
    },
    category,
    count,
    contacts: null,
    lease_seconds,
  };
}
