import { type Command, InvalidArgumentError } from 'commander';
import { type Backtest, backtest } from '../../controller/backtest.ts';
import type { Decision } from '../../controller/decision.ts';
import { defaultPolicy, type Policy } from '../../controller/policy.ts';
import { readPolicy } from '../../controller/policy-book.ts';
import { type PolicyFile, type PolicyProblem, readPolicyFile } from '../../controller/policy-file.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import type { DecisionRecord } from '../control-schema.ts';
import { campaignOf } from '../control-scope.ts';
import { readAnnouncement } from '../data-folder.ts';
import { goodPolicy, policyText } from '../policy-source.ts';
import { operatorToken } from './desk.ts';
import { RemoteClient } from './remote-client.ts';
import { textTable } from './table.ts';

const pageSize = 1000;

/** Adds `sluice policy check` and `sluice policy replay`. */
export function addPolicy(
  program: Command,
  { config, line, fail }: { config: () => Config; line: (text: string) => void; fail: () => void },
): void {
  const policy = program.command('policy').description('the file that says what the brake may allow');
  policy
    .command('check')
    .description('read a policy file and say all that is wrong with it, with file and line')
    .argument('[file]', 'the file (default: SLUICE_POLICY_FILE)')
    .action((given: string | undefined) => {
      const path = pathOf(given, config());
      const { file, problems } = readPolicyFile(policyText(path));
      for (const problem of problems) line(problemLine(path, problem));
      if (file === null) return fail();
      const { version, account, campaigns } = file;
      line(`${path} is good: version ${version}, ${account.mode}, ${campaigns.size} campaigns with parts of their own.`);
    });

  policy
    .command('replay')
    .description('say what the running server’s decisions would have been under a policy file, and where they differ')
    .argument('[file]', 'the file (default: SLUICE_POLICY_FILE)')
    .requiredOption('--from <time>', 'an ISO 8601 time, or so long ago: 6h, 7d', timeOf)
    .option('--to <time>', 'the same; default: now', timeOf)
    .option('--json', 'as JSON, with all scopes')
    .action(async (given: string | undefined, { from, to, json }: { from: number; to?: number; json?: boolean }) => {
      const settings = config();
      const path = pathOf(given, settings);
      const file = goodPolicy(path, settings.controlMode);
      const end = to ?? Date.now();
      const trail = await trailOf(settings, from, end);
      const found = backtest(trail, policiesOf(file), end);
      line(json ? JSON.stringify(found, null, 2) : report(found, file));
    });
}

function pathOf(given: string | undefined, { policyFile }: Config): string {
  const path = given ?? policyFile;
  if (path === null || path === undefined) {
    throw new SluiceError('config_invalid', { detail: 'name a policy file, or set SLUICE_POLICY_FILE' });
  }
  return path;
}

const problemLine = (file: string, { severity, line, path, message }: PolicyProblem) =>
  `${file}:${line}: ${severity}: ${[path, message].filter(Boolean).join(' ')}`;

/** Whose policy counts for a scope, by the file alone. */
function policiesOf({ account, campaigns }: PolicyFile): (scope: string) => Policy {
  const whole = new Map<string, Policy>();
  for (const [campaign, parts] of campaigns) whole.set(campaign, readPolicy(account, parts).data ?? defaultPolicy);
  return (scope) => whole.get(campaignOf(scope) ?? '') ?? account;
}

/** The recorded decisions between two times, oldest first, page by page from the running server. */
async function trailOf(config: Config, from: number, to: number): Promise<Decision[]> {
  const server = await readAnnouncement(config.dataDir);
  if (server === null) throw new SluiceError('server_not_running', { detail: config.dataDir });
  const client = new RemoteClient(server.url, operatorToken(config));
  try {
    const found: Decision[] = [];
    for (let before = ''; ; ) {
      const { decisions } = await client.json<{ decisions: DecisionRecord[] }>(
        'GET',
        `/v1/control/decisions?limit=${pageSize}${before}`,
      );
      for (const one of decisions) {
        const at = Date.parse(one.at);
        if (at >= from && at <= to) found.push(decisionOf(one));
      }
      const last = decisions.at(-1);
      if (last === undefined || decisions.length < pageSize || Date.parse(last.at) < from) return found.reverse();
      before = `&before=${last.seq}`;
    }
  } finally {
    await client.close();
  }
}

/** The stored decision, out of the form in which the API gives it. */
function decisionOf({ record, at, until, mode, reason, from: _from, to: _to, ...rest }: DecisionRecord): Decision {
  const { before, evidence, next } = record as Pick<Decision, 'before' | 'evidence' | 'next'>;
  const { code, numbers } = reason;
  const end = until === null ? null : Date.parse(until);
  return { ...rest, at: Date.parse(at), until: end, policy_mode: mode, reason: { code, numbers }, before, evidence, next };
}

function report({ scopes, decisions, skipped }: Backtest, { version }: PolicyFile): string {
  const differing = scopes.filter(({ first }) => first !== null);
  const head = `${decisions} decisions about ${scopes.length} scopes; under version ${version} ${differing.length} scopes would have been decided otherwise.`;
  const old = skipped === 0 ? '' : ` ${skipped} decisions are of another version and were left out.`;
  if (differing.length === 0) return head + old;
  const minutes = (was: number, would: number) => `${was.toFixed(0)} → ${would.toFixed(0)}`;
  const rows = differing.map(({ scope, was, would, first }) => [
    scope,
    minutes(was.closed_minutes, would.closed_minutes),
    minutes(was.braked_minutes, would.braked_minutes),
    `${was.alarms} → ${would.alarms}`,
    first === null ? '' : `${new Date(first.at).toISOString()}: ${first.was} → ${first.would}`,
  ]);
  return `${head}${old}\n\n${textTable(['scope', 'closed min', 'braked min', 'alarms', 'first difference'], rows)}`;
}

/** An instant in ms since 1970: as given, or so long before now. */
function timeOf(text: string): number {
  const ago = /^([1-9][0-9]{0,4})(m|h|d)$/.exec(text);
  if (ago !== null) return Date.now() - Number(ago[1]) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[ago[2] as 'm' | 'h' | 'd'];
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('It is an ISO 8601 time such as 2026-11-21T10:00:00Z, or 30m, 6h, 7d.');
  return at;
}
