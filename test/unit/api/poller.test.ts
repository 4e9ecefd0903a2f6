import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallBudget } from '../../../api/poll/call-budget.ts';
import { Poller } from '../../../api/poll/poller.ts';
import { decodeRecord } from '../../../ingest/decode.ts';
import { emptyDecoded } from '../../../ingest/staged.ts';
import { graphFailure, graphToken, StandInGraph } from '../../stand-in-graph.ts';
import { MemoryLog } from '../../stand-ins.ts';

const number = '106540352242922';
const waba = '102290129340398';
const minute = 60_000;

describe('the poller', () => {
  let graph: StandInGraph;
  let log: MemoryLog;
  let clock: number;
  let poller: Poller;
  let reports: string[];
  const make = (callsPerHour = 600) =>
    new Poller({
      config: { token: graphToken, version: 'v24.0', callsPerHour },
      graphUrl: graph.url,
      log,
      now: () => new Date(clock),
      numbers: () => [
        { phone_number_id: number, waba_id: waba },
        { phone_number_id: 'of-nobody', waba_id: null },
      ],
      report: (error) => void reports.push(String(error)),
    });

  beforeEach(async () => {
    graph = await new StandInGraph().start();
    graph.nodes.set(number, {
      display_phone_number: '+1 555-078-3881',
      quality_rating: 'GREEN',
      status: 'CONNECTED',
      whatsapp_business_manager_messaging_limit: 'TIER_2K',
      throughput: { level: 'STANDARD' },
      health_status: { can_send_message: 'AVAILABLE', entities: [] },
    });
    graph.templates.set(waba, [
      { id: '11', name: 'autumn', language: 'de', status: 'APPROVED', category: 'MARKETING', quality_score: { score: 'GREEN' } },
      { id: '12', name: 'code', language: 'de', status: 'APPROVED', category: 'AUTHENTICATION' },
    ]);
    log = new MemoryLog();
    clock = Date.parse('2026-11-21T10:00:00Z');
    reports = [];
    poller = make();
  });
  afterEach(async () => {
    await poller.stop();
    await graph.stop();
  });

  const round = async () => {
    clock += minute;
    await poller.turn();
  };
  /** What the log's records become as facts. */
  const facts = () => {
    const into = emptyDecoded();
    for (const record of log.records) decodeRecord(record, into);
    expect(into.quarantine).toEqual([]);
    return into.platform_event.map(({ field, event, phone_number_id, template_name, old_value, new_value }) =>
      [field, event, phone_number_id ?? template_name, old_value, new_value].filter((part) => part !== null),
    );
  };

  it('tells once where everything stands, as platform events through the log', async () => {
    await round();
    await round();
    expect(facts()).toEqual([
      ['phone_number_health', 'AVAILABLE', number, 'GREEN'],
      ['phone_number_quality_update', 'UNFLAGGED', number],
      ['business_capability_update', 'TIER_2K'],
      ['message_template_status_update', 'APPROVED', 'autumn'],
      ['message_template_quality_update', 'autumn', 'UNKNOWN', 'GREEN'],
      ['message_template_status_update', 'APPROVED', 'code'],
    ]);
    expect(graph.calls.map(({ path }) => path)).toEqual(
      [0, 1].flatMap(() => [`/v24.0/${number}`, `/v24.0/${waba}/message_templates`]),
    );
  });

  it('tells what changed: a number of low quality is flagged, a lower limit and a paused template are told', async () => {
    await round();
    log.records.length = 0;
    Object.assign(graph.nodes.get(number) ?? {}, {
      quality_rating: 'RED',
      whatsapp_business_manager_messaging_limit: 'TIER_250',
    });
    Object.assign(graph.templates.get(waba)?.[0] ?? {}, { status: 'PAUSED', quality_score: { score: 'RED' } });
    await round();
    expect(facts()).toEqual([
      ['phone_number_health', 'AVAILABLE', number, 'GREEN', 'RED'],
      ['phone_number_quality_update', 'FLAGGED', number],
      ['business_capability_update', 'TIER_250'],
      ['message_template_status_update', 'PAUSED', 'autumn'],
      ['message_template_quality_update', 'autumn', 'GREEN', 'RED'],
    ]);
  });

  it('reads all pages of templates, and knows their category for the gateway', async () => {
    graph.pageSize = 1;
    await round();
    expect(graph.calls.filter(({ path }) => path.endsWith('message_templates'))).toHaveLength(2);
    expect(['autumn', 'code', 'unheard-of'].map(poller.categoryOf)).toEqual(['marketing', 'authentication', null]);
  });

  it('keeps to its budget of calls', async () => {
    await poller.stop();
    poller = make(60); // ten at once, then one a minute
    for (let n = 0; n < 30; n += 1) await round();
    expect(graph.calls.length).toBeLessThanOrEqual(10 + 30);
    expect(graph.calls.length).toBeGreaterThan(25);
  });

  it('rests when the platform limits it, longer each time, and goes on afterwards', async () => {
    graph.instead = () => graphFailure(80007, 'Rate limit issues', 400);
    const calls: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      await round();
      calls.push(graph.calls.length);
    }
    // Rests of 1, 2, 4 and 8 minutes: tried in minutes 1, 2, 4, 8 and 16.
    expect(calls.map((count, n) => (count > (calls[n - 1] ?? 0) ? n + 1 : null)).filter((n) => n !== null)).toEqual([
      1, 2, 4, 8, 16,
    ]);
    graph.instead = null;
    for (let n = 0; n < 20; n += 1) await round();
    expect(facts().length).toBeGreaterThan(0);
    expect(reports.join()).not.toContain(graphToken);
  });

  it('leaves out what the platform does not know, and reads the rest', async () => {
    graph.nodes.delete(number);
    await round();
    await round();
    expect(facts().map(([field]) => field)).toContain('message_template_status_update');
  });

  it('says the same again when the log did not take it', async () => {
    log.broken = true;
    await round();
    log.broken = false;
    await round();
    await round();
    expect(facts().map(([field]) => field)).toContain('phone_number_health');
  });
});

describe('the budget of calls', () => {
  it('gives a sixth of an hour at once and fills evenly', () => {
    const budget = new CallBudget(60, 0);
    const taken = (now: number) => {
      let n = 0;
      while (budget.take(now)) n += 1;
      return n;
    };
    expect([taken(0), taken(0), taken(5 * minute), taken(600 * minute)]).toEqual([10, 0, 5, 10]);
  });

  it('rests as long as the platform says where that is longer', () => {
    const budget = new CallBudget(600, 0);
    budget.trouble(0, 10 * minute);
    expect([budget.take(9 * minute), budget.take(10 * minute)]).toEqual([false, true]);
  });
});
