import type { ExpectedFacts, ExpectedRow } from './row.ts';

/** Changes of accounts, numbers, limits and templates: one row each. */
const waba = '102290129340398';

function one(field: string, at: string | null, row: ExpectedRow): ExpectedFacts[string] {
  return { fact_platform_event: [{ field, occurred_at: at, waba_id: waba, ...row }] };
}

/** `account_update` of the WABA itself. */
const account = (event: string, at: string | null, row: ExpectedRow = {}) => one('account_update', at, { event, ...row });
/** `account_update` sent to a partner: the entry is the partner's business, the WABA stands in the value. */
const partner = (event: string, at: string | null, wabaId: string, row: ExpectedRow = {}) =>
  one('account_update', at, { event, waba_id: wabaId, ...row });

const march = '2025-03-31T20:11:43Z';
const welcome = { template_id: '806312974732579', template_name: 'welcome_template' };
const welcomeUs = { template_id: '278077987957091', template_name: 'welcome_template', template_language: 'en-US' };

export const platform: ExpectedFacts = {
  'account_alerts.capabilities_deferred.json': one('account_alerts', '2025-04-25T20:15:59Z', {
    event: 'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED',
    reason: 'WARNING',
    new_value: 'ACTIVE',
  }),
  'account_review_update.approved.json': one('account_review_update', '2025-02-12T00:43:44Z', { event: 'APPROVED' }),

  'account_update.account_deleted.json': account('ACCOUNT_DELETED', march),
  'account_update.account_violation.json': account('ACCOUNT_VIOLATION', march, { reason: 'ADULT' }),
  'account_update.auth_intl_price_eligibility.json': account('AUTH_INTL_PRICE_ELIGIBILITY_UPDATE', march),
  'account_update.disabled_update.json': account('DISABLED_UPDATE', march, { new_value: 'REINSTATE' }),
  'account_update.sdk.account_offboarded.json': account('ACCOUNT_OFFBOARDED', march),
  'account_update.sdk.account_reconnected.json': account('ACCOUNT_RECONNECTED', march),
  'account_update.sdk.account_restriction.json': account('ACCOUNT_RESTRICTION', '2022-01-04T21:08:18Z', {
    reason: 'RESTRICTED_BIZ_INITIATED_MESSAGING,RESTRICTED_ADD_PHONE_NUMBER_ACTION',
  }),
  'account_update.sdk.pricing_tiering_update.json': account('VOLUME_BASED_PRICING_TIER_UPDATE', march, {
    new_value: '25000001:50000000',
  }),
  'account_update.volume_pricing_tier.json': account('VOLUME_BASED_PRICING_TIER_UPDATE', march, {
    new_value: '25000001:50000000',
  }),
  'account_update.partner_certification_status.json': account(
    'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE',
    '2025-03-28T05:16:22Z',
    { reason: 'NONE', new_value: 'APPROVED' },
  ),
  'account_update.primary_location_country.json': account('BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE', '2025-03-28T05:16:22Z', {
    new_value: 'IN',
  }),

  'account_update.ad_account_linked.json': partner('AD_ACCOUNT_LINKED', '2025-04-16T17:18:52Z', '980198427658004', {
    new_value: '980198427534243',
  }),
  // Placeholders: the time cannot be read, which loses only the time.
  'account_update.ad_account_linked_onboarding.json': partner('AD_ACCOUNT_LINKED', null, '<WABA_ID>', {
    new_value: '<AD_ACCOUNT_ID>',
  }),
  'account_update.mm_lite_terms_signed.json': partner('MM_LITE_TERMS_SIGNED', '2025-04-16T17:18:52Z', '980198427658004'),
  'account_update.mm_lite_terms_signed_onboarding.json': partner('MM_LITE_TERMS_SIGNED', null, '<WABA_ID>'),
  // The field stands in the entry here, and in the value there.
  'account_update.partner_app_installed.docs_misplaced_field.json': partner(
    'PARTNER_APP_INSTALLED',
    '2025-04-22T15:52:54Z',
    '1191624265890717',
  ),
  'account_update.partner_app_uninstalled.docs_misplaced_field.json': partner(
    'PARTNER_APP_UNINSTALLED',
    '2025-05-29T00:09:19Z',
    '184943124712545',
  ),
  'account_update.sdk.partner_added.json': partner('PARTNER_ADDED', '2025-04-16T17:18:52Z', '980198427658004'),
  'account_update.sdk.partner_app_installed.json': partner('PARTNER_APP_INSTALLED', '2025-04-22T15:52:54Z', '1191624265890717'),
  'account_update.sdk.partner_app_uninstalled.json': partner(
    'PARTNER_APP_UNINSTALLED',
    '2025-05-29T00:09:19Z',
    '184943124712545',
  ),
  'account_update.sdk.partner_removed.json': partner('PARTNER_REMOVED', '2025-05-29T00:09:19Z', '980198427658004'),
  'account_update.sdk.partner_removed_wa_app_disconnection.json': partner(
    'PARTNER_REMOVED',
    '2025-05-29T00:09:19Z',
    '980198427658004',
    { reason: 'PRIMARY_INACTIVITY' },
  ),

  'business_capability_update.int_limit.json': one('business_capability_update', '2025-02-12T00:43:44Z', {
    waba_id: '524126980791429',
    new_value: '2000',
  }),
  'phone_number_name_update.approved.json': one('phone_number_name_update', '2025-02-12T00:43:44Z', {
    event: 'APPROVED',
    display_phone: '15550783881',
    new_value: 'Lucky Shrub',
  }),
  'phone_number_quality_update.throughput_upgrade.json': one('phone_number_quality_update', '2025-05-28T17:46:34Z', {
    event: 'THROUGHPUT_UPGRADE',
    display_phone: '15550783881',
    new_value: 'TIER_UNLIMITED',
  }),
  'security.pin_reset_request.json': one('security', '2025-06-01T20:57:53Z', {
    event: 'PIN_RESET_REQUEST',
    display_phone: '15550783881',
  }),

  'message_template_components_update.json': one('message_template_components_update', '2025-06-30T02:23:54Z', {
    template_id: '1315502779341834',
    template_name: 'order_confirmation',
    template_language: 'en_US',
  }),
  'message_template_quality_update.yellow.json': one('message_template_quality_update', '2023-01-28T00:04:50Z', {
    ...welcome,
    template_language: 'en_US',
    old_value: 'GREEN',
    new_value: 'YELLOW',
  }),
  // The field says it is a status; the content says it is a quality.
  'message_template_quality_update.docs_wrong_field.json': one('message_template_quality_update', '2023-01-28T00:04:50Z', {
    ...welcome,
    template_language: 'en-US',
    old_value: 'GREEN',
    new_value: 'YELLOW',
  }),
  'message_template_status_update.approved.json': one('message_template_status_update', '2025-06-30T01:39:08Z', {
    event: 'APPROVED',
    template_id: '1689556908129832',
    template_name: 'order_confirmation',
    template_language: 'en-US',
    reason: 'NONE',
  }),
  'message_template_status_update.rejected_with_info.json': one('message_template_status_update', '2025-06-30T01:39:08Z', {
    event: 'REJECTED',
    template_id: '1689556908129835',
    template_name: 'abandoned_cart',
    template_language: 'en',
    reason: 'INVALID_FORMAT',
  }),
  'template_category_update.completed.json': one('template_category_update', '2025-05-02T07:00:00Z', {
    event: 'COMPLETED',
    ...welcomeUs,
    old_value: 'UTILITY',
    new_value: 'MARKETING',
  }),
  // A day ahead `new_category` is the one still in force.
  'template_category_update.impending.json': one('template_category_update', '2025-05-01T07:00:00Z', {
    event: 'IMPENDING',
    ...welcomeUs,
    old_value: 'UTILITY',
    new_value: 'MARKETING',
  }),
};
