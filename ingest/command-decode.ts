import { type Command, commandSchema } from './command.ts';
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

function decode(out: Output, body: unknown): Problem | null {
  const checked = commandSchema.safeParse(body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return { reason: 'command_invalid', detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}` };
  }
  const at = isoInstant(checked.data.at);
  if (at === null) return { reason: 'command_invalid', detail: `at: ${checked.data.at} is not a time between 2009 and 2100` };
  push(out, checked.data, at, body);
  return null;
}

function push({ into }: Output, command: Command, at: bigint, source: unknown): void {
  const base = { changed_at: at, command_id: command.command_id };
  const entry = { ...base, id: command.id, name: command.body.name ?? null };
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
    case 'portfolio.put':
      into.registry.push({ ...entry, kind: 'portfolio', parent_id: null, time_zone: null, currency: null, display_phone: null });
      return;
    case 'waba.put': {
      const { portfolio_id, time_zone, currency } = command.body;
      into.registry.push({ ...entry, kind: 'waba', parent_id: portfolio_id ?? null, time_zone, currency, display_phone: null });
      return;
    }
    case 'phone_number.put': {
      const { waba_id, display_phone } = command.body;
      const number = { parent_id: waba_id ?? null, time_zone: null, currency: null, display_phone: display_phone ?? null };
      into.registry.push({ ...entry, kind: 'phone_number', ...number });
    }
  }
}
