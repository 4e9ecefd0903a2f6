import type { DetectorAnswer, Explanation } from '../control-schema.ts';
import { textTable } from './table.ts';

/** An explanation for a terminal: the sentence first, then the numbers behind it, then what led there. */
export function explanationText({ scope, state, related, overrides, decisions }: Explanation): string {
  const { window, evidence } = state;
  const parts = [`${scope}: ${state.state}. ${state.reason.sentence}`];
  const facts: [string, string][] = [
    ['messages out', `${count(window.used)}, and ${count(window.leased)} under permits`],
    ['may be out', window.allowed === null ? 'no bound here' : count(window.allowed)],
  ];
  if (state.per_second !== null) facts.push(['a second', String(state.per_second)]);
  if (state.since !== null) facts.push(['since', state.since]);
  facts.push(['until', state.until ?? 'the evidence or somebody changes it'], ['set by', state.owner], ['rule', state.rule]);
  if (evidence !== null) facts.push(['feedback known to', evidence.watermark]);
  parts.push(textTable(['', ''], facts));
  if (evidence !== null && evidence.detectors.length > 0) {
    parts.push(textTable(['detector', 'seen', 'healthy is up to', 'evidence', 'alarms at'], evidence.detectors.map(detectorRow)));
  }
  for (const word of evidence?.words ?? []) parts.push(`The platform: ${word.code} at ${word.at}`);
  for (const one of related) parts.push(`${one.scope}: ${one.state}. ${one.sentence}`);
  for (const { override_id, action, actor, until, reason } of overrides) {
    parts.push(`In force: ${action} by ${actor} until ${until ?? 'it is lifted'}: ${reason} (${override_id})`);
  }
  if (decisions.length > 0) {
    const rows = decisions.map(({ at, rule, reason }) => [at, rule, reason.sentence]);
    parts.push(`What led here, newest first:\n${textTable(['at', 'rule', 'reason'], rows)}`);
  }
  return parts.join('\n\n');
}

function detectorRow({ signal, events, observed, expected, sum, threshold }: DetectorAnswer): string[] {
  return [signal, `${count(events)} of ${count(observed)}`, expected.toFixed(1), sum.toFixed(2), threshold.toFixed(2)];
}

const count = (value: number) => Math.round(value).toLocaleString('en');
