import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { defaultPolicy, type Policy } from './policy.ts';
import { laidOver, readPolicy } from './policy-book.ts';

/** Parts of a policy: what differs from what lies under it. */
export type PolicyParts = Record<string, unknown>;

/** A policy file, read: the account's policy whole, and what differs for campaigns. */
export interface PolicyFile {
  /** The name that its author gave it; decisions carry the hash of what it says. */
  version: string;
  account: Policy;
  campaigns: ReadonlyMap<string, PolicyParts>;
  /** Share of messages delivered below which people are told, 0 to 1; null for never. */
  deliveryWarning: number | null;
}

/** Something wrong with a line (`error`), or allowed but against the platform's practice (`warning`). */
export interface PolicyProblem {
  severity: 'error' | 'warning';
  line: number;
  /** The setting as a path, `campaigns.autumn-sale.window.start`; empty for the file as a whole. */
  path: string;
  message: string;
}

const parts = z.record(z.string(), z.unknown());
const fileSchema = z.strictObject({
  version: z.string({ error: 'is needed: a name of yours for this state of the file, in quotes' }).min(1).max(100),
  alerts: z.strictObject({ delivery_below: z.number().gt(0).lt(1).nullable().default(0.92) }).prefault({}),
  account: parts.default({}),
  campaigns: z.record(z.string().min(1).max(512), parts).default({}),
});
/** What a campaign says beside its policy: how many it is for, and in how many hours they should be out. */
const planSchema = z.object({
  audience: z.number().int().min(1).optional(),
  window_hours: z.number().min(0.25).max(168).default(12),
});
const planKeys = Object.keys(planSchema.shape);

/**
 * Reads a policy file (YAML). All that is wrong is told, each with its line; `file` is null when anything is.
 * @param mode what `mode` is where the file does not say
 */
export function readPolicyFile(
  text: string,
  mode: Policy['mode'] = 'enforce',
): { file: PolicyFile | null; problems: PolicyProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (path: readonly PropertyKey[]) => lineOf(document, lines, path);
  const problems: PolicyProblem[] = document.errors.map(({ pos, message }) => ({
    severity: 'error',
    line: lines.linePos(pos[0]).line,
    path: '',
    message: `is not YAML: ${message}`,
  }));
  if (problems.length > 0) return { file: null, problems };
  const note = (severity: PolicyProblem['severity'], path: readonly PropertyKey[], message: string) =>
    problems.push({ severity, line: lineAt(path), path: path.map(String).join('.'), message });
  const refuse = (issues: readonly z.core.$ZodIssue[], under: readonly string[]) => {
    for (const issue of issues) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null];
      for (const key of keys) {
        const path = [...under, ...issue.path, ...(key === null ? [] : [key])];
        note('error', path, key === null ? issue.message : 'is not known here');
      }
    }
  };
  const whole = fileSchema.safeParse(document.toJS() ?? {});
  if (!whole.success) {
    refuse(whole.error.issues, []);
    return { file: null, problems };
  }
  const { version, alerts, account: own, campaigns: all } = whole.data;
  const base: Policy = { ...defaultPolicy, mode };
  const read = readPolicy(base, own);
  if (!read.success) refuse(read.error.issues, ['account']);
  else for (const path of unknownKeys(own, read.data)) note('error', ['account', ...path], 'is not known here');
  const account = read.data ?? base;
  lint(account, base, (path, message) => note('warning', ['account', ...path], message));
  const campaigns = new Map<string, PolicyParts>();
  for (const [campaign, said] of Object.entries(all)) {
    const under = ['campaigns', campaign];
    const plan = planSchema.safeParse(said);
    if (!plan.success) refuse(plan.error.issues, under);
    const policyParts = Object.fromEntries(Object.entries(said).filter(([key]) => !planKeys.includes(key)));
    const own = plan.success ? withPace(policyParts, plan.data) : policyParts;
    const whole = readPolicy(account, own);
    if (!whole.success) refuse(whole.error.issues, under);
    else {
      for (const path of unknownKeys(own, whole.data)) note('error', [...under, ...path], 'is not known here');
      lint(whole.data, account, (path, message) => note('warning', [...under, ...path], message));
    }
    campaigns.set(campaign, own);
  }
  problems.sort((a, b) => a.line - b.line);
  const wrong = problems.some(({ severity }) => severity === 'error');
  return { file: wrong ? null : { version, account, campaigns, deliveryWarning: alerts.delivery_below }, problems };
}

/**
 * The recommended pace: an audience spread evenly over its window, as senders do it so that feedback can come in. A pace that the file
 * names itself stays where it is slower.
 */
function withPace(own: PolicyParts, { audience, window_hours }: z.output<typeof planSchema>): PolicyParts {
  if (audience === undefined) return own;
  const even = Math.max(0.01, Math.ceil((100 * audience) / (window_hours * 3600)) / 100);
  const said = (own['pace'] as PolicyParts | undefined)?.['campaign_per_second'];
  const pace = typeof said === 'number' ? Math.min(said, even) : (said ?? even);
  return laidOver(own, { pace: { campaign_per_second: pace } }) as PolicyParts;
}

/** What is allowed but looser than the platform's practice, where it differs from what lies under it. */
function lint(policy: Policy, under: Policy, warn: (path: string[], message: string) => void): void {
  const { guardrails, pace } = policy;
  if ((guardrails.failure ?? 1) > 0.15 && guardrails.failure !== under.guardrails.failure) {
    warn(['guardrails', 'failure'], 'lets delivery fall below 85 %, which the platform’s practice calls the floor');
  }
  if (policy.marketing_gap_hours < 24 && policy.marketing_gap_hours !== under.marketing_gap_hours) {
    warn(
      ['marketing_gap_hours'],
      'allows more than one marketing message to a person in 24 hours; the platform holds back what is too much',
    );
  }
  if (policy.quiet_hours === null && under.quiet_hours !== null) warn(['quiet_hours'], 'lets marketing go out at night');
  if (pace.number_per_second > 80 && pace.number_per_second !== under.pace.number_per_second) {
    warn(['pace', 'number_per_second'], 'is above 80, which only numbers with raised throughput can send');
  }
  if ((pace.campaign_per_second ?? 0) > pace.number_per_second) {
    warn(['pace', 'campaign_per_second'], 'is more than a number can send, so it binds nothing');
  }
  if (policy.window.start > 1000 && policy.window.start !== under.window.start) {
    warn(['window', 'start'], 'lets more than 1,000 messages of a new stream out before the first feedback is in');
  }
}

/** The policies of campaigns: as registered, and over that what the file says. */
export function withFile<P extends { campaign_id: string; policy: PolicyParts }>(
  registered: readonly P[],
  file: ReadonlyMap<string, PolicyParts>,
): { campaign_id: string; policy: PolicyParts }[] {
  if (file.size === 0) return [...registered];
  const named = new Map<string, PolicyParts>(registered.map(({ campaign_id, policy }) => [campaign_id, policy]));
  for (const [campaign, own] of file) named.set(campaign, laidOver(named.get(campaign) ?? {}, own) as PolicyParts);
  return [...named].map(([campaign_id, policy]) => ({ campaign_id, policy }));
}

/** Settings that reading left out without a word, most likely misspelt. */
function unknownKeys(said: unknown, read: unknown): string[][] {
  if (!isRecord(said) || !isRecord(read)) return [];
  return Object.entries(said).flatMap(([key, value]) =>
    Object.hasOwn(read, key) ? unknownKeys(value, read[key]).map((path) => [key, ...path]) : [[key]],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The line of a setting, or of what it would stand in. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => String(isNode(key) ? (key as { value?: unknown }).value : key) === String(part));
    if (pair === undefined) break;
    if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}
