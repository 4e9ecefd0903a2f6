import type { FactTable } from './row.ts';

const kept = { unmodelled_update: 1 };
/** Placeholders where the time belongs: the update cannot be placed in time, so it is set aside with its bytes. */
const aside = { quarantine: 1 };

/** Payloads that become no modelled fact: how many rows of which table each leaves. Tables that are not named stay empty. */
export const expectedRaw: Readonly<Record<string, Readonly<Partial<Record<FactTable, number>>>>> = {
  // The call is kept raw; the error beside it is a platform event; its contact names one person in three ways.
  'calls.terminate_with_errors.json': { unmodelled_update: 1, fact_platform_event: 1, contact_alias: 3, contact_link: 2 },
  'group_settings_update.errors.json': kept,
  'group_status_update.suspend.json': kept,
  'group_status_update.suspend_cleared.json': kept,
  'history.media_followup.json': kept,
  'history.threads.json': kept,
  'partner_solutions.created.json': kept,
  'payment_configuration_update.json': kept,
  'smb_app_state_sync.contact.json': kept,

  'messages.interactive.payment_method.json': aside,
  'messages.system.user_changed_number.placeholder.json': aside,
  'messages.text.command.json': aside,
  'messages.text.group_placeholder.json': aside,
  'messages.text.ice_breaker.json': aside,
  'user_actions.marketing_link_click.json': aside,
};
