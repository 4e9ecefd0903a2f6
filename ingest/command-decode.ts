import { AnalyticsFault, readAnalytics } from './analytics.ts';
import { type Command, commandSchema, grantCommandSchema } from './command.ts';
import { compiledCheck } from './compiled-check.ts';
import { pushControl } from './control-decode.ts';
import { pushExperiment } from './experiment-decode.ts';
import { isoInstant } from './instant.ts';
import { canonicalJson } from './json.ts';
import type { Output, Problem } from './output.ts';
import { attempted } from './webhook.ts';

/** Reads a record of one command. */
export function decodeCommand(out: Output, body: unknown): void {
  out.item = out.counts.commands++;
  const problem = attempted(() => decode(out, body));
  if (problem !== null) out.quarantine(problem, body);
}

const isGrantCommand = compiledCheck(grantCommandSchema, 'pass');

function decode(out: Output, body: unknown): Problem | null {
  const checked = isGrantCommand(body) ? { success: true as const, data: body as Command } : commandSchema.safeParse(body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return { reason: 'command_invalid', detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}` };
  }
  const at = isoInstant(checked.data.at);
  if (at === null) return { reason: 'command_invalid', detail: `at: ${checked.data.at} is not a time between 2009 and 2100` };
  if (checked.data.command === 'analytics.import') return pushFigures(out, checked.data, at);
  push(out, checked.data, at, body);
  return null;
}

function pushFigures(
  { into }: Output,
  { command_id, id, body }: Extract<Command, { command: 'analytics.import' }>,
  told_at: bigint,
): Problem | null {
  try {
    const figures = readAnalytics(body.answer);
    into.platform_figure.push(...figures.map((figure) => ({ command_id, told_at, waba_id: id, ...figure })));
    return null;
  } catch (error) {
    if (!(error instanceof AnalyticsFault)) throw error;
    return { reason: 'command_invalid', detail: `answer: ${error.message}` };
  }
}

function push(out: Output, command: Exclude<Command, { command: 'analytics.import' }>, at: bigint, source: unknown): void {
  const { into } = out;
  const base = { changed_at: at, command_id: command.command_id };
  switch (command.command) {
    case 'campaign.put': {
      const { body } = command;
      into.campaign.push({
        ...base,
        campaign_id: command.id,
        name: body.name,
        objective: body.objective ?? null,
        phone_number_id: body.phone_number_id ?? null,
        template_name: body.template_name ?? null,
        template_language: body.template_language ?? null,
        category: body.category,
        reply_window_h: body.windows.reply_hours,
        optout_window_h: body.windows.optout_hours,
        conversion_window_d: body.windows.conversion_days,
        margin: body.margin ?? null,
        settings: canonicalJson(source),
      });
      for (const arm of body.arms) {
        into.variant.push({
          ...base,
          campaign_id: command.id,
          variant_id: arm.id,
          name: arm.name ?? null,
          weight: arm.weight,
          is_holdout: arm.holdout,
        });
      }
      return;
    }
    case 'portfolio.put': {
      const { name, messaging_limit } = command.body;
      const limit = messaging_limit === undefined ? null : BigInt(messaging_limit);
      into.registry.push({ ...base, ...unsaid, kind: 'portfolio', id: command.id, name: name ?? null, messaging_limit: limit });
      return;
    }
    case 'waba.put': {
      const { name, portfolio_id, time_zone, currency } = command.body;
      const account = { parent_id: portfolio_id ?? null, time_zone, currency };
      into.registry.push({ ...base, ...unsaid, ...account, kind: 'waba', id: command.id, name: name ?? null });
      return;
    }
    case 'phone_number.put': {
      const { name, waba_id, display_phone } = command.body;
      const number = { parent_id: waba_id ?? null, display_phone: display_phone ?? null };
      into.registry.push({ ...base, ...unsaid, ...number, kind: 'phone_number', id: command.id, name: name ?? null });
      return;
    }
    case 'experiment.put':
    case 'experiment.look':
      pushExperiment(out, command, at, source);
      return;
    case 'person.forget':
      // It is done to the records themselves, before they are decoded: see forget-record.ts.
      return;
    default:
      pushControl(out, command, at, source);
  }
}

/** What only some kinds of the registry say. */
const unsaid = { parent_id: null, time_zone: null, currency: null, display_phone: null, messaging_limit: null };
