import type { PlatformWord } from '../../../controller/evidence.ts';
import { scopeId } from '../../../controller/scope.ts';
import { type HeardMessage, wordScopes } from './heard.ts';

interface Template {
  status: { event: string; at: number } | null;
  quality: { score: string; at: number } | null;
  mendedAt: number;
  deliveredAt: number;
}

/** What the platform says that stops or slows a scope: by its news, and by the codes of failures. */
export class PlatformWords {
  private readonly templates = new Map<string, Template>();
  private readonly numbers = new Map<string, { event: string; at: number }>();
  private readonly refusals = new Map<string, { code: number; scope: 'number' | 'template'; value: string; at: number }>();

  /** News of a template or number; `number` is the one that it is about, by its digits. */
  news(field: string, value: Record<string, unknown>, at: number, number: string | null): void {
    const event = String(value['event']);
    if (field === 'phone_number_quality_update' && /FLAGGED|UPGRADE|DOWNGRADE/.test(event)) {
      if (number !== null && at >= (this.numbers.get(number)?.at ?? 0)) this.numbers.set(number, { event, at });
      return;
    }
    const name = value['message_template_name'];
    if (typeof name !== 'string') return;
    const template = this.template(name);
    if (field === 'message_template_quality_update') {
      if (at >= (template.quality?.at ?? 0)) template.quality = { score: String(value['new_quality_score']), at };
      return;
    }
    const over = (value['other_info'] as { title?: unknown } | undefined)?.title === 'UNPAUSE';
    const status = over ? 'APPROVED' : event;
    if (at >= (template.status?.at ?? 0)) template.status = { event: status, at };
    if (status === 'APPROVED') template.mendedAt = Math.max(template.mendedAt, at);
  }

  /** A state of a message: a failure may be a word, a delivery shows that a template goes again. */
  told(message: HeardMessage): void {
    const { template_name, deliveredAt, code } = message;
    if (template_name !== null && deliveredAt < Number.POSITIVE_INFINITY) {
      const template = this.template(template_name);
      template.deliveredAt = Math.max(template.deliveredAt, deliveredAt);
    }
    const scope = message.failed() && code !== null ? wordScopes.get(code) : undefined;
    const value = scope === 'number' ? message.phone_number_id : template_name;
    if (scope === undefined || value === null || code === null) return;
    const key = `${code} ${value}`;
    this.refusals.set(key, { code, scope, value, at: Math.max(this.refusals.get(key)?.at ?? 0, message.failedAt) });
  }

  inForce(): PlatformWord[] {
    const words: PlatformWord[] = [];
    const say = (scope: string, action: PlatformWord['action'], code: string, at: number) =>
      words.push({ scope, action, code, at, until: null });
    for (const [name, { status, quality }] of this.templates) {
      if (status?.event === 'PAUSED' || status?.event === 'DISABLED') {
        say(scopeId('template', name), 'stop', `template_${status.event.toLowerCase()}`, status.at);
      }
      if (quality?.score === 'RED' || quality?.score === 'YELLOW') {
        say(scopeId('template', name), 'no_growth', `template_quality_${quality.score.toLowerCase()}`, quality.at);
      }
    }
    for (const [number, { event, at }] of this.numbers) {
      if (event === 'FLAGGED' || event === 'DOWNGRADE')
        say(scopeId('number', number), 'no_growth', `number_${event.toLowerCase()}`, at);
    }
    for (const { code, scope, value, at } of this.refusals.values()) {
      const template = scope === 'template' ? this.templates.get(value) : undefined;
      const over = template !== undefined && (template.deliveredAt > at || template.mendedAt > at);
      if (!over) say(scopeId(scope, value), 'stop', `error_${code}`, at);
    }
    return words;
  }

  private template(name: string): Template {
    const known = this.templates.get(name);
    if (known !== undefined) return known;
    const template = { status: null, quality: null, mendedAt: Number.NEGATIVE_INFINITY, deliveredAt: Number.NEGATIVE_INFINITY };
    this.templates.set(name, template);
    return template;
  }
}
