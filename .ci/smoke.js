// A short look at the demo as a stranger would have it: start it, wait for the address with its token, ask the public
// endpoints for numbers, watch it throttle and pause its bought list, stop it politely. Exit code 0 when all of that worked.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const patienceMs = 300_000;
/** From the address to the pause; two minutes on an idle machine. */
const brakeMs = 240_000;
const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
const say = (text) => console.log(`smoke: ${text}`);

// biome-ignore lint/style/noProcessEnv: CI hands the environment on to the demo.
const env = { ...process.env, SLUICE_HTTP_PORT: '0', SLUICE_DATA_DIR: folder };
const demo = spawn('npm', ['run', 'demo'], { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
const ended = new Promise((resolve) => demo.once('exit', (code, signal) => resolve(code ?? signal)));
let output = '';
demo.stdout.setEncoding('utf8');
demo.stdout.on('data', (text) => {
  output += text;
  process.stdout.write(text);
});

function check(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
  say(`ok, ${what}`);
}

/** Whether npm or anything that it started is still there. */
function groupLives() {
  try {
    process.kill(-demo.pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The address that ends the filling: it carries a token. */
async function readyAddress() {
  const late = setTimeout(patienceMs, 'late', { ref: false });
  for (;;) {
    const found = /(https?:\/\/[^\s?]+)\/login\?token=([A-Za-z0-9._~+/=-]+)/.exec(output);
    if (found) return { base: found[1], token: found[2] };
    const happened = await Promise.race([setTimeout(200), ended.then(() => 'ended'), late]);
    if (happened !== undefined)
      throw new Error(`no address with a token: the demo ${happened === 'ended' ? 'ended' : 'was too slow'}`);
  }
}

async function look() {
  const { base, token } = await readyAddress();
  say(`address after ${seconds()} s`);
  const ask = async (path, headers = {}) => {
    const answer = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
    return { status: answer.status, text: await answer.text() };
  };

  const metrics = await ask('/v1/metrics?metrics=delivery_rate,read_rate,failure_rate&by=campaign');
  check(metrics.status === 200, 'the metrics answer');
  const { rows } = JSON.parse(metrics.text);
  check(rows.length >= 8, `seven campaigns and the chat have numbers (${rows.length})`);
  const delivered = rows.reduce((sum, row) => sum + row.delivery_rate.numerator, 0);
  check(delivered > 20_000, `messages were delivered (${delivered})`);
  check(
    rows.every(({ read_rate: rate }) => rate.numerator <= rate.denominator),
    'no rate is above 1',
  );

  const login = await fetch(`${base}/login?token=${encodeURIComponent(token)}`, { redirect: 'manual' });
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0];
  check(login.status === 303 && cookie !== '', 'the address logs a browser in');
  const overview = await fetch(`${base}/`, { headers: { cookie, accept: 'text/html' } });
  const page = await overview.text();
  check(overview.status === 200, 'the overview answers');
  check((page.match(/\d+(\.\d+)?\s?%/g) ?? []).length >= 8, 'the overview shows rates');
  check((await fetch(`${base}/v1/metrics?metrics=read_rate`)).status === 401, 'nobody gets numbers without a token');
  check((await ask('/readyz')).status === 200, 'the server is ready');
  await watchTheBrake(ask);
}

/** Whether a reason of the trail is that of a pause: an alarm, one after a probe, or the floor of all failures together. */
const isPause = (code) => ['alarm_paused', 'alarm_again', 'guardrail'].includes(code);

/** The bought list begins with the live part: it is throttled, then paused, and nothing else is. */
async function watchTheBrake(ask) {
  const guilty = /^(campaign|stream):partner-leads/;
  let bad;
  const state = async () => {
    const answer = await ask('/v1/control');
    if (answer.status !== 200) return [];
    return JSON.parse(answer.text).scopes;
  };
  const late = performance.now() + brakeMs;
  let scopes = [];
  for (;;) {
    scopes = await state();
    bad = scopes.find((one) => guilty.test(one.scope) && one.state === 'paused')?.scope;
    if (bad !== undefined) break;
    if (performance.now() > late)
      throw new Error(
        `the bought list was not paused: ${JSON.stringify(scopes.map(({ scope, state: is }) => `${scope} ${is}`))}`,
      );
    await setTimeout(1000);
  }
  say(`the bought list is paused after ${seconds()} s`);
  // The trail is read from the facts, which follow the state by what apply takes.
  let braked = [];
  while (!braked.some(isPause) && performance.now() < late) {
    await setTimeout(500);
    const trail = JSON.parse((await ask(`/v1/control/decisions?scope=${encodeURIComponent(bad)}&changes=true`)).text).decisions;
    braked = trail
      .map(({ reason }) => reason.code)
      .filter((code) => code === 'alarm_throttled' || isPause(code))
      .reverse();
  }
  check(braked[0] === 'alarm_throttled' && braked.some(isPause), `it was throttled first, then paused (${braked})`);
  const others = scopes.filter((one) => one.state !== 'open' && !guilty.test(one.scope));
  check(others.length === 0, `nothing else is braked, and the platform has downgraded nothing (${JSON.stringify(others)})`);
  const { sentence } = JSON.parse((await ask(`/v1/control/explain/${encodeURIComponent(bad)}`)).text);
  check(/paused/i.test(sentence), `it says why: ${sentence}`);
}

let code = 0;
try {
  await look();
} catch (error) {
  say(`FAILED after ${seconds()} s: ${error instanceof Error ? error.message : error}`);
  code = 1;
}
try {
  process.kill(-demo.pid, 'SIGTERM');
  const patience = performance.now() + 60_000;
  while (groupLives() && performance.now() < patience) await setTimeout(100);
  if (groupLives()) {
    process.kill(-demo.pid, 'SIGKILL');
    throw new Error('a minute after SIGTERM the demo still ran');
  }
  check(readdirSync(join(folder, 'demo')).length === 0, 'the demo stopped and took its data with it');
} catch (error) {
  say(`FAILED to stop: ${error instanceof Error ? error.message : error}`);
  code = 1;
}
rmSync(folder, { recursive: true, force: true });
process.exit(code);
