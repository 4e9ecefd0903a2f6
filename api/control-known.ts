import { parseScope, type ScopeId, scopeId } from '../controller/scope.ts';
import { SluiceError } from '../sql/errors.ts';
import { campaignOf } from './control-scope.ts';
import type { ControlRoom } from './control-view.ts';
import type { Warehouse } from './warehouse.ts';

/**
 * Lets pass what is well-formed and known: decided about, counted in messages, or of a registered campaign. A misspelt id must not
 * look like a pause that holds. Templates and segments are registered nowhere, so any may be named before its first message.
 * @throws SluiceError `scope_unknown`
 */
export async function knownScope(
  scope: ScopeId,
  { control, warehouse }: { control: Pick<ControlRoom, 'brain' | 'counted'>; warehouse: Pick<Warehouse, 'campaign'> },
): Promise<void> {
  const unknown = (detail: string) => new SluiceError('scope_unknown', { detail, field: 'scope' });
  const parsed = parseScope(scope);
  if (parsed === null) throw unknown(`"${scope}" is not written <kind>:<id>, e.g. campaign:autumn-sale`);
  if (control.brain?.views().some((view) => view.scope === scope)) return;
  const { kind } = parsed;
  const campaign = campaignOf(scope);
  if (campaign !== null) {
    if ((await warehouse.campaign(campaign)) !== null) return;
    throw unknown(`no campaign "${campaign}" is registered or seen in messages`);
  }
  if (kind === 'template' || kind === 'segment' || kind === 'stream') return;
  const accounts = (control.counted?.numbers ?? []).flatMap(({ phone_number_id, waba_id, portfolio_id }) => [
    scopeId('number', phone_number_id),
    scopeId('waba', waba_id),
    scopeId('portfolio', portfolio_id),
  ]);
  if (!accounts.includes(scope)) throw unknown(`no ${kind} of this id is registered or seen in messages`);
}
