import { expect } from 'vitest';
import { type ExpectedFacts, phoneRow, sheena, sheenaRows, shop, testNameRows } from './row.ts';

/** Preferences, conversions that the platform saw, and errors of the account. */
export const signals: ExpectedFacts = {
  'user_preferences.resume.json': {
    fact_consent: [
      {
        event_id: expect.stringMatching(/^preference:[\w-]{16}$/),
        occurred_at: '2024-11-15T21:22:01Z',
        ...sheena,
        category: 'marketing',
        state: 'granted',
        source: 'preference',
        detail: 'User requested to resume marketing messages',
        ...shop,
      },
    ],
    ...sheenaRows,
  },
  // The preference and the only contact name two different numbers: two people.
  'user_preferences.signup.json': {
    fact_consent: [
      {
        event_id: expect.stringMatching(/^preference:[\w-]{16}$/),
        occurred_at: '2024-11-15T21:22:01Z',
        ...sheena,
        category: 'marketing',
        state: 'granted',
        source: 'preference',
        detail: 'User signed up via signup link',
        ...shop,
      },
    ],
    contact_alias: [phoneRow('16505551234', 'US'), ...testNameRows('2024-11-15T21:22:01Z').contact_alias],
    contact_link: testNameRows('2024-11-15T21:22:01Z').contact_link,
  },

  'automatic_events.lead_submitted.json': {
    fact_conversion: [
      {
        event_id: expect.stringMatching(/^automatic:[\w-]{16}$/),
        kind: 'platform',
        occurred_at: '2025-06-04T20:31:29Z',
        goal: 'LeadSubmitted',
      },
    ],
  },
  // 25000 is the amount × 1000
  'automatic_events.purchase.json': {
    fact_conversion: [
      {
        event_id: expect.stringMatching(/^automatic:[\w-]{16}$/),
        kind: 'platform',
        occurred_at: '2025-06-04T20:32:11Z',
        goal: 'Purchase',
        amount_micros: 25_000_000n,
        currency: 'USD',
      },
    ],
  },

  // No entry time and no neighbour: nothing says when.
  'messages.value_errors.130429.json': {
    fact_platform_event: [
      { field: 'messages', event: 'error', ...shop, display_phone: '15550783881', reason: 'Rate limit hit', error_code: 130429 },
    ],
  },
};
