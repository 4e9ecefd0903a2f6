import type { ScopeNotice } from './control-notice.ts';

/** The same trouble of a scope is told again after so long, ms. */
const restMs = 3_600_000;
/** States that somebody should hear of. */
const troubled = new Set(['throttled', 'paused', 'stopped']);

/** Which changes people are alerted to, each trouble once an hour, and once when it is over. Pure but for its memory. */
export class AlertBook {
  private readonly alerted = new Map<string, { code: string; at: number }>();

  /** The text of an alert in the form that Slack and what is compatible with it shows; null for none. */
  textOf(notice: ScopeNotice, now: number): string | null {
    const { scope, state, reason, owner, mode } = notice;
    const before = this.alerted.get(scope);
    const where = `\`${escaped(scope)}\``;
    if (!troubled.has(state)) {
      if (before === undefined || state !== 'open') return null;
      this.alerted.delete(scope);
      return `:large_green_circle: ${where} is open again. ${escaped(reason.sentence)}`;
    }
    // What an operator did by hand is known to people already.
    if (owner !== 'controller' && notice.rule === 'operator_stop') return null;
    if (before !== undefined && before.code === `${state} ${reason.code}` && now - before.at < restMs) return null;
    this.alerted.set(scope, { code: `${state} ${reason.code}`, at: now });
    const sign = state === 'throttled' ? ':large_yellow_circle:' : ':red_circle:';
    const shadow = mode === 'shadow' ? ' (shadow mode)' : '';
    return `${sign} ${where} is ${state}${shadow}. ${escaped(reason.sentence)}\n\`sluice explain ${escaped(scope)}\``;
  }
}

/** What Slack takes for marks of its own: https://api.slack.com/reference/surfaces/formatting#escaping */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
