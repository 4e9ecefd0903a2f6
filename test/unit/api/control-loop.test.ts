import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlLoop } from '../../../api/control-loop.ts';
import type { Decision } from '../../../controller/decision.ts';
import type { Override, PlatformWord } from '../../../controller/evidence.ts';
import type { PermitRequest } from '../../../controller/permit.ts';
import { defaultPolicy } from '../../../controller/policy.ts';
import type { Baseline, CohortRow, ControlBooks, ControlReading } from '../../../controller/snapshot.ts';
import { commandSchema } from '../../../ingest/command.ts';
import { fixedWarehouse, MemoryLog } from '../../stand-ins.ts';

// Over 400 lines: one world around one loop, of which each test changes a thing.
const at = Date.parse('2026-11-21T10:00:00Z');
const minute = 60_000;

/** Sent an hour ago, so that failures are all in. */
const sent = (campaign: string, messages: number, undeliverable: number): CohortRow => ({
  campaign_id: campaign,
  template_name: 't',
  segment_id: null,
  variant_id: null,
  market: null,
  phone_number_id: '1',
  category: 'marketing',
  sent_at: at - 60 * minute,
  sent: messages,
  held: 0,
  read: 0,
  replied: 0,
  clicked: 0,
  delivered: messages - undeliverable,
  events: { undeliverable, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 },
});

const asked = (campaign: string, count: number): PermitRequest => ({
  request_id: `${campaign} ${count}`,
  address: {
    portfolio_id: null,
    waba_id: null,
    phone_number_id: '1',
    template_name: 't',
    template_language: null,
    campaign_id: campaign,
    variant_id: null,
    segment_id: null,
  },
  category: 'utility',
  count,
  contacts: null,
  lease_seconds: null,
});

describe('the control loop', () => {
  let log: MemoryLog;
  let loop: ControlLoop;
  let clock: number;
  let snapshot: Partial<ControlReading>;
  let books: Partial<ControlBooks>;
  let read: () => Promise<void>;
  let words: PlatformWord[];
  let urgent: boolean;
  const errors: unknown[] = [];
  const named: (string | undefined)[] = [];

  beforeEach(() => {
    log = new MemoryLog();
    clock = at;
    snapshot = {};
    books = {};
    read = async () => undefined;
    errors.length = 0;
    named.length = 0;
    words = [];
    urgent = false;
    const { positions, controlSnapshot, controlBooks } = fixedWarehouse(log);
    loop = new ControlLoop({
      warehouse: {
        positions,
        controlSnapshot: async (when, baselines) => {
          named.push(baselines);
          await read();
          return { ...(await controlSnapshot(when)), ...snapshot };
        },
        controlNews: async () => ({ words, urgent }),
        controlBooks: async (when) => ({ ...(await controlBooks(when)), ...books }),
      },
      log,
      policy: defaultPolicy,
      now: () => new Date(clock),
      report: (error) => void errors.push(error),
    });
  });
  afterEach(() => loop.stop());

  const commands = () => log.bodies('command').map((text) => commandSchema.parse(JSON.parse(text)));
  const decisions = () =>
    log.bodies('command').flatMap((text) => {
      const { command, body } = JSON.parse(text) as { command: string; body: Decision };
      return command === 'control.decision' ? [body] : [];
    });
  const state = (scope: string) => loop.brain?.views().find((view) => view.scope === scope);
  const wish = (scope: string, action: Override['action'], window: number | null = null) => ({
    scope,
    action,
    window,
    per_second: null,
    reason: 'why not',
    at: clock,
    until: null,
  });

  it('grants nothing before it has taken over from the log', async () => {
    expect(loop.book).toBeNull();
    expect(loop.health().state).toBe('starting');
    await loop.tick();
    expect(loop.book?.ready).toBe(true);
    expect(loop.health()).toMatchObject({ state: 'running', ticks: 1, failures: 0, last_tick_at: at, snapshot_at: at });
  });

  it('has the warehouse tell what is usual once, and judges by it until it is told anew', async () => {
    // Usually all are delivered within a minute: of 100 sent an hour ago that is expected of all but the doubt of the baseline.
    const usual: Baseline = {
      ...{ campaign_id: 'a', template_name: 't', segment_id: null, signal: 'delivery' },
      ...{ hour: new Date(at - 60 * minute).getUTCHours(), messages: 1000, ages: [minute], shares: [1] },
    };
    const number = { phone_number_id: '1', waba_id: null, portfolio_id: null, last_feedback_at: at, seen: 0, permitted: 0 };
    const reading = (name: string, of: Baseline[] | null) => ({
      cohorts: [sent('a', 100, 0)],
      numbers: [number],
      baselines: { name, of },
    });
    const expected = () => state('stream:a/t/-')?.detectors.find(({ signal }) => signal === 'delivery')?.exposure;
    snapshot = reading('noon', [usual]);
    await loop.tick();
    snapshot = reading('noon', null);
    await loop.tick();
    expect(expected()).toBeGreaterThan(99);
    snapshot = reading('one', []);
    await loop.tick();
    expect(expected()).toBe(0);
    expect(named).toEqual([undefined, 'noon', 'noon']);
  });

  it('writes the policy once, by its hash, before the first decision that goes by it', async () => {
    snapshot = { cohorts: [sent('a', 100, 2), sent('b', 100, 3)] };
    await loop.tick();
    const names = commands().map(({ command }) => command);
    expect(names[0]).toBe('control.policy');
    expect(names.filter((name) => name === 'control.policy')).toHaveLength(1);
    expect(new Set(decisions().map(({ policy_hash }) => policy_hash))).toEqual(new Set([commands()[0]?.id]));
    expect(decisions().map(({ seq }) => seq)).toEqual(decisions().map((_, index) => index + 1));
  });

  it('lets a decision have no effect while the log refuses it, and writes the very same when it can', async () => {
    await loop.tick();
    // 60 of 100 fail: 60 · ln(0.15 / 0.06) − 0.09 · 100 = 46 nats, beyond twice the line of 14.4: paused at once.
    snapshot = { cohorts: [sent('bad', 100, 60)] };
    log.broken = true;
    await loop.tick();
    expect([state('stream:bad/t/-'), decisions(), loop.health().state]).toEqual([undefined, [], 'failing']);
    log.broken = false;
    clock += minute;
    await loop.tick();
    expect(state('stream:bad/t/-')?.state).toBe('paused');
    expect(decisions().map(({ seq }) => seq)).toEqual(decisions().map((_, index) => index + 1));
    // Decided a minute ago, when the log refused it.
    expect(decisions()[0]?.at).toBe(at);
    expect(loop.book?.grant(asked('bad', 10), null, clock)).toMatchObject({ granted: 0, answer: { state: 'paused' } });
    expect(loop.health()).toMatchObject({ state: 'running', failures: 1 });
  });

  it('writes many decisions in order, and none twice where the log refuses only the later ones', async () => {
    await loop.tick();
    const appendAll = log.appendAll.bind(log);
    let appends = 0;
    log.appendAll = async (kind, records) => {
      appends += 1;
      if (appends === 2) throw new Error('disk full');
      return appendAll(kind, records);
    };
    // Each a stream and a campaign, on one number, template and portfolio.
    snapshot = { cohorts: Array.from({ length: 60 }, (_, n) => sent(`c${n}`, 100, 2)) };
    await loop.tick();
    const written = decisions().length;
    const inForce = (loop.brain?.views() ?? []).length;
    expect(written).toBeGreaterThan(0);
    expect([inForce, loop.health().failures]).toEqual([written, 1]);
    await loop.tick();
    expect(decisions().length).toBeGreaterThan(120);
    expect(decisions().map(({ seq }) => seq)).toEqual(decisions().map((_, index) => index + 1));
    expect(appends).toBeLessThan(6);
  });

  it('follows an operator at once, even while the warehouse does not answer', async () => {
    await loop.tick();
    read = () => new Promise(() => undefined);
    void loop.tick();
    const set = await loop.override(wish('campaign:a', 'pause'), 'ops');
    expect(state('campaign:a')).toMatchObject({ state: 'stopped', owner: 'ops' });
    expect(loop.book?.grant(asked('a', 10), null, clock).granted).toBe(0);
    await loop.lift(set.override_id, 'enough', 'admin');
    expect(loop.book?.grant(asked('a', 11), null, clock).granted).toBe(11);
    expect(
      commands()
        .filter(({ command }) => command.startsWith('control.'))
        .map(({ command, actor }) => [command, actor]),
    ).toEqual([
      ['control.override', 'ops'],
      ['control.policy', 'controller'],
      ['control.decision', 'controller'],
      ['control.lift', 'admin'],
      ['control.decision', 'controller'],
    ]);
    read = async () => undefined;
  });

  it('an override that the log refuses is not in force', async () => {
    await loop.tick();
    log.broken = true;
    await expect(loop.override(wish('campaign:a', 'pause'), 'ops')).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(loop.inForce()).toEqual([]);
    expect(loop.book?.grant(asked('a', 10), null, clock).granted).toBe(10);
  });

  it('one pause or resume, one limit and one hold stand on a scope: the newer lifts the older', async () => {
    await loop.tick();
    for (const action of ['pause', 'hold', 'resume'] as const) await loop.override(wish('campaign:a', action), 'ops');
    await loop.override(wish('campaign:a', 'limit', 10), 'ops');
    await loop.override(wish('campaign:a', 'limit', 20), 'ops');
    await loop.override(wish('campaign:b', 'pause'), 'ops');
    expect(loop.inForce().map(({ scope, action, window }) => [scope, action, window])).toEqual([
      ['campaign:a', 'hold', null],
      ['campaign:a', 'resume', null],
      ['campaign:a', 'limit', 20],
      ['campaign:b', 'pause', null],
    ]);
    expect(commands().filter(({ command }) => command === 'control.lift')).toHaveLength(2);
  });

  it('an override ends when its time is over', async () => {
    await loop.tick();
    await loop.override({ ...wish('campaign:a', 'pause'), until: at + minute }, 'ops');
    clock = at + minute - 1;
    expect(loop.inForce()).toHaveLength(1);
    clock = at + minute;
    expect(loop.inForce()).toEqual([]);
    await loop.tick();
    expect(loop.book?.grant(asked('a', 10), null, clock).granted).toBe(10);
  });

  it('cannot lift what is not in force', async () => {
    await loop.tick();
    await expect(loop.lift('none', 'why not', 'ops')).rejects.toMatchObject({ code: 'not_found', field: 'id' });
  });

  it('keeps what was set while it was starting, and takes over the rest from the books', async () => {
    const old = { ...wish('campaign:a', 'limit', 5), override_id: 'old', actor: 'admin', at: at - minute } as const;
    books = { overrides: [old] };
    await loop.override(wish('campaign:b', 'pause'), 'ops');
    await loop.tick();
    expect(loop.inForce().map(({ scope }) => scope)).toEqual(['campaign:a', 'campaign:b']);
    expect(loop.book?.grant(asked('a', 10), null, clock).granted).toBe(5);
    expect(loop.book?.grant(asked('b', 10), null, clock).granted).toBe(0);
  });

  it('reports and counts a tick that fails, and goes on', async () => {
    await loop.tick();
    read = async () => {
      throw new Error('no answer');
    };
    await loop.tick();
    await loop.tick();
    expect(errors.map(String)).toEqual(['Error: no answer', 'Error: no answer']);
    expect(loop.health()).toMatchObject({ state: 'failing', failures: 2, ticks: 1, snapshot_at: at });
    read = async () => undefined;
    await loop.tick();
    expect(loop.health()).toMatchObject({ state: 'running', ticks: 2 });
  });

  it('ticks by itself until it is stopped', async () => {
    let reads = 0;
    read = async () => {
      reads += 1;
    };
    loop.start();
    await expect.poll(() => reads, { timeout: 5000 }).toBeGreaterThan(2);
    await loop.stop();
    const stopped = reads;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect([reads, loop.health().state]).toEqual([stopped, 'stopped']);
  });

  it('looks seldom at costly counts while nobody asks for permits, and at once when somebody does', async () => {
    let reads = 0;
    read = async () => {
      reads += 1;
      await new Promise((resolve) => setTimeout(resolve, 400));
    };
    loop.start();
    await expect.poll(() => loop.book?.ready ?? false, { timeout: 5000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(reads).toBe(1); // a rest of ten times 400 ms
    loop.book?.grant(asked('autumn', 1), null, clock);
    await expect.poll(() => reads, { timeout: 1500 }).toBeGreaterThan(1);
  });

  it('rests four times as long as a look at the counts cost, however long that waited for apply', async () => {
    const looks: number[] = [];
    read = async () => {
      looks.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 1000));
    };
    snapshot = { took_ms: 50 };
    await loop.tick();
    loop.book?.grant(asked('autumn', 1), null, clock);
    looks.length = 0;
    loop.start();
    await expect.poll(() => looks.length, { timeout: 5000 }).toBeGreaterThan(1);
    // A second and a rest of 200 ms; it would have rested four seconds if all of it had been work.
    expect((looks[1] ?? 0) - (looks[0] ?? 0)).toBeLessThan(2000);
  });

  it('rests no longer after a look that took longer than others did: it had to wait for a core', async () => {
    const looks: { began: number; ended: number }[] = [];
    const lengths = [20, 900, 20];
    read = async () => {
      const began = performance.now();
      await new Promise((resolve) => setTimeout(resolve, lengths[looks.length] ?? 20));
      looks.push({ began, ended: performance.now() });
    };
    loop.start();
    await expect.poll(() => loop.book?.ready ?? false, { timeout: 5000 }).toBe(true);
    loop.book?.grant(asked('autumn', 1), null, clock);
    await expect.poll(() => looks.length, { timeout: 5000 }).toBe(3);
    // Half a second from one begin to the next is over by then: a rest of 10 ms, not of 450.
    expect((looks[2]?.began ?? 0) - (looks[1]?.ended ?? 0)).toBeLessThan(500);
  });

  it('looks at once when facts hold harm, also when that was found during a look', async () => {
    const looks: number[] = [];
    read = async () => {
      looks.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    loop.start();
    await expect.poll(() => loop.book?.ready ?? false, { timeout: 5000 }).toBe(true);
    loop.book?.grant(asked('autumn', 1), null, clock);
    await expect.poll(() => looks.length, { timeout: 5000 }).toBe(2);
    const before = looks.length;
    urgent = true;
    await expect.poll(() => looks.length, { timeout: 5000 }).toBe(before + 4);
    urgent = false;
    const gaps = looks.slice(before + 1).map((began, at) => began - (looks[before + at] ?? 0));
    // One after another takes 300 ms each, with rests 1500.
    expect(Math.min(...gaps)).toBeLessThan(600);
  });

  it('hears a stop of the platform between two snapshots, but no lift', async () => {
    const paused: PlatformWord = { scope: 'template:t', action: 'stop', code: 'template_paused', at, until: null };
    const flagged: PlatformWord = { scope: 'number:1', action: 'no_growth', code: 'number_flagged', at, until: null };
    snapshot = { words: [flagged] };
    let slow = false;
    read = () => new Promise((resolve) => setTimeout(resolve, slow ? 60_000 : 0));
    loop.start();
    await expect.poll(() => loop.book?.ready ?? false, { timeout: 5000 }).toBe(true);
    slow = true;
    expect(loop.book?.grant(asked('autumn', 1), null, clock).granted).toBe(1);
    words = [paused];
    await expect
      .poll(() => loop.book?.grant({ ...asked('autumn', 1), request_id: String(Math.random()) }, null, clock).answer.state, {
        timeout: 5000,
      })
      .toBe('stopped');
    expect(loop.counted?.words).toEqual([flagged, paused]);
  });

  it('a stop of the platform is in force once it is durable, while the warehouse does not answer, until the facts say otherwise', async () => {
    await loop.tick();
    let answer: () => void = () => undefined;
    read = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const slow = loop.tick();
    expect(loop.book?.grant(asked('a', 1), null, clock).granted).toBe(1);
    const change = {
      field: 'message_template_status_update',
      value: { event: 'PAUSED', message_template_id: 7, message_template_name: 't', message_template_language: 'en' },
    };
    const told = { object: 'whatsapp_business_account', entry: [{ id: 'w', time: at / 1000, changes: [change] }] };
    const place = await log.append('webhook', Buffer.from(JSON.stringify(told)), 0n);
    loop.heard(Buffer.from(JSON.stringify(told)), place);
    await expect.poll(() => state('template:t')).toMatchObject({ state: 'stopped' });
    expect(loop.book?.grant(asked('a', 2), null, clock)).toMatchObject({ granted: 0, answer: { scope: 'template:t' } });
    const stopped = decisions().at(-1);
    expect(stopped).toMatchObject({ scope: 'template:t', evidence: { words: [{ code: 'template_paused', at }] } });
    // Counts that were read before the news do not lift it; those in which it is applied, and over, do.
    answer();
    await slow;
    expect(state('template:t')).toMatchObject({ state: 'stopped' });
    read = async () => undefined;
    // Nor do those that were read anew in part, after it was applied: the words are not in that part.
    snapshot = { brief: true };
    await loop.tick();
    expect(state('template:t')).toMatchObject({ state: 'stopped' });
    snapshot = {};
    await loop.tick();
    expect(state('template:t')?.state).not.toBe('stopped');
  });

  it('goes by the policy of a campaign from its registration on, whatever the facts have of it', async () => {
    await loop.tick();
    const granted = (count: number) => loop.book?.grant(asked('careful', count), null, clock).granted;
    expect(granted(2)).toBe(2);
    const place = await log.append('command', Buffer.from('{}'), 0n);
    await loop.registered('careful', { window: { start: 5 } }, place);
    expect(granted(20)).toBe(3);
    // The facts have it now, and later what replaces it.
    const own = (start: number) => [{ campaign_id: 'careful', policy: { window: { start } } }];
    snapshot = { policies: own(5) };
    await loop.tick();
    expect(granted(21)).toBe(0);
    snapshot = { policies: own(9) };
    await loop.tick();
    expect(granted(22)).toBe(4);
    await loop.registered('careful', {}, place);
    expect(granted(23)).toBe(23);
    // Two at once: the second takes back what the first has not brought about yet.
    await Promise.all([loop.registered('b', { window: { start: 5 } }, place), loop.registered('b', {}, place)]);
    expect(loop.book?.grant(asked('b', 6), null, clock).granted).toBe(6);
  });

  it('stops although the warehouse does not answer', async () => {
    let asked = false;
    read = () => {
      asked = true;
      return new Promise(() => undefined);
    };
    loop.start();
    await expect.poll(() => asked).toBe(true);
    await loop.stop();
    expect(loop.health().state).toBe('stopped');
  });
});
