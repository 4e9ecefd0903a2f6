import { type ExpectedRow, expectedFacts, type FactTable } from './index.ts';
import { named, sdkTaps, sheena, shop, testName, testNameRows, user } from './row.ts';

const sharedByMany = 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFERjg0NDEzNDdFODU3MUMxMAA=';
const draftUser = user('user.9373795779eb6441c8adb2eaee5b848e7dd174ddd302d7db62142f4722d574b6');

/**
 * The authors of the samples used a few ids for several outbound messages. To one warehouse they are one message each: the first
 * occurrence of each state wins, so does the earliest price and failure as a whole, and of two ids the smaller text. By hand:
 */
const sharedMessages: readonly ExpectedRow[] = [
  {
    // cbp_authentication, cbp_marketing and cbp_utility agree on the time of the price: the smaller category stays.
    ...named('wamid.ID', '2022-11-23T20:02:58Z', { replied_at: '2022-11-23T20:02:58Z', clicked_at: '2022-11-23T20:02:58Z' }),
    ...{ phone_number_id: 'CUSTOMER_PHONE_NUMBER', waba_id: '108536708899139', read_at: '2022-11-23T20:02:58Z' },
    ...{ priced_at: '2023-06-01T13:37:53Z', pricing_model: 'CBP', pricing_category: 'authentication', billable: true },
  },
  {
    // Only one of nine samples has the callback data; it names the message for all of them.
    ...{ message_key: 'some data', origin_known: true, message_at: '2023-07-15T00:20:58Z', message_id: 'wamid.xyzxyz' },
    ...{ ...testName, country: 'IL', ...sdkTaps, sent_at: '2023-10-25T20:49:05Z', replied_at: '2023-10-25T20:45:30Z' },
    ...{ delivered_at: '2023-07-15T00:20:58Z', read_at: '2023-07-15T00:20:58Z', played_at: '2023-07-15T00:20:58Z' },
    ...{ failed_at: '2023-07-15T00:20:58Z', refused: false, error_code: 130472 },
    error_title: "User's number is part of an experiment",
    ...{ priced_at: '2023-07-15T00:20:58Z', pricing_model: 'CBP', pricing_category: 'service', billable: true },
  },
  {
    ...{ message_key: sharedByMany, origin_known: false, message_at: '2025-06-15T23:27:53Z', message_id: sharedByMany },
    ...{ ...sheena, user_alias: draftUser, country: 'US', ...shop },
    ...{ sent_at: '2025-06-15T23:27:53Z', delivered_at: '2025-06-15T23:27:53Z' },
    ...{ priced_at: '2025-06-15T23:27:53Z', pricing_model: 'PMP', pricing_type: 'regular' },
    ...{ pricing_category: 'marketing', billable: true },
  },
  named('wamid.xyzxyz==', '2023-10-11T17:19:06Z', { replied_at: '2023-10-11T17:19:06Z', clicked_at: '2023-10-25T21:23:47Z' }),
  named('wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=', '2025-06-08T21:52:24Z'),
  named('wamid.gvwegfretge==', '2023-11-20T18:38:14Z', { replied_at: '2023-11-20T18:38:14Z' }),
  named('wamid.yzxyzx=', '2023-10-11T17:14:16Z'),
];

/** What the facts hold of the call that is kept raw: the error beside it, and its contact. */
const rawCallRows: Readonly<Partial<Record<FactTable, readonly ExpectedRow[]>>> = {
  fact_platform_event: [
    {
      ...{ field: 'calls', event: 'error', occurred_at: '2022-12-21T17:47:04Z', waba_id: '47389759353' },
      ...{ phone_number_id: '37489742', display_phone: '16315553602', reason: 'ERROR_TITLE', error_code: 12455 },
    },
  ],
  ...testNameRows('2022-12-21T17:47:04Z'),
};

/** The same update as account_update.partner_app_installed.docs_misplaced_field.json: one row comes of both. */
const copy = 'account_update.sdk.partner_app_installed.json';

/** Columns that name a row, of tables that keep one of several: the first by time. */
const keys: Readonly<Partial<Record<FactTable, readonly string[]>>> = {
  fact_inbound: ['message_id'],
  contact_alias: ['alias_id'],
  contact_link: ['alias_a', 'alias_b', 'source', 'link_month'],
};

/**
 * For each row that a table holds after all samples went into one warehouse, the rows it may be: one, or those of equal time that
 * several samples give under one key.
 */
export function expectedTogether(table: FactTable): ExpectedRow[][] {
  const { [copy]: _, ...samples } = expectedFacts;
  const rows = [...Object.values(samples), rawCallRows].flatMap((facts) => facts[table] ?? []);
  if (table === 'fact_message') {
    const shared = new Set(sharedMessages.map((row) => row['message_id']));
    return [...rows.filter((row) => !shared.has(row['message_id'])), ...sharedMessages].map((row) => [row]);
  }
  const key = keys[table];
  if (key === undefined) return rows.map((row) => [row]);
  const groups = new Map<string, ExpectedRow[]>();
  for (const row of rows) {
    const name = key.map((column) => row[column]).join(' ');
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const first = group.map((row) => String(row['occurred_at'])).sort()[0];
    return group.filter((row) => String(row['occurred_at']) === first);
  });
}

/** Samples of which every row keeps its place beside those of all others, and samples of which some meet others in one row. */
export function byCompany(): { apart: string[]; shared: string[] } {
  const counts = new Map<string, number>();
  const idsOf = (file: string) => [
    ...new Set(
      (['fact_message', 'fact_inbound'] as const).flatMap((table) =>
        (expectedFacts[file]?.[table] ?? []).map((row) => `${table} ${row['message_id']}`),
      ),
    ),
  ];
  const files = Object.keys(expectedFacts);
  for (const id of files.flatMap(idsOf)) counts.set(id, (counts.get(id) ?? 0) + 1);
  const isShared = (file: string) => idsOf(file).some((id) => (counts.get(id) ?? 0) > 1);
  return { apart: files.filter((file) => !isShared(file)), shared: files.filter(isShared) };
}
