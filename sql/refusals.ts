/**
 * Inputs that the statistics refuse rather than answer with a number that means nothing. They belong to the catalogue of errors
 * and have a file of their own because the calculator promises these codes.
 */
export const refusals = {
  non_finite_input: { status: 422, title: 'A number is not finite', mend: 'Send finite numbers.' },
  negative_count: { status: 422, title: 'A count is negative', mend: 'Counts are 0 or more.' },
  non_integer_count: { status: 422, title: 'A count is not a whole number', mend: 'Count whole people or events.' },
  empty_arm: { status: 422, title: 'An arm has nobody', mend: 'Wait for the first people of the arm, or leave it out.' },
  conversions_exceed_n: {
    status: 422,
    title: 'There are more events than people',
    mend: 'Count each person once: x is the people with the event, n all assigned.',
  },
  invalid_confidence: {
    status: 422,
    title: 'The confidence or alpha is not between 0 and 1',
    mend: 'Send a fraction such as 0.95 (confidence) or 0.05 (alpha), not per cent.',
  },
  insufficient_data: { status: 422, title: 'There is too little data', mend: 'At least two units are needed.' },
  zero_variance: {
    status: 422,
    title: 'Nothing varies',
    mend: 'Where all values are equal there is nothing to test; look at the data.',
  },
  negative_variance: { status: 422, title: 'A variance is negative', mend: 'Check how the variance was computed.' },
  zero_denominator: {
    status: 422,
    title: 'The denominator of a ratio is 0',
    mend: 'A ratio needs a denominator; wait for the first one or choose another metric.',
  },
  length_mismatch: { status: 422, title: 'Two lists differ in length', mend: 'Send one entry for each arm.' },
  invalid_weights: {
    status: 422,
    title: 'The weights of the arms make no split',
    mend: 'Weights are 0 or more and not all 0.',
  },
  too_few_arms: { status: 422, title: 'There are too few arms', mend: 'At least two arms with a weight are needed.' },
  invalid_probability: { status: 422, title: 'A probability is out of range', mend: 'Send fractions between 0 and 1.' },
  zero_effect: { status: 422, title: 'The effect to detect is 0', mend: 'Name the smallest effect worth detecting.' },
  invalid_prior: { status: 422, title: 'The prior is no distribution', mend: 'alpha and beta of the prior are above 0.' },
  invalid_information: {
    status: 422,
    title: 'The looks are not in order',
    mend: 'Information fractions rise from above 0 to 1 at the last look, one for each look.',
  },
  recency_after_T: {
    status: 422,
    title: 'The last purchase lies after the end of observation',
    mend: 'recency is at most T; both count from the first purchase.',
  },
  recency_without_repeat: {
    status: 422,
    title: 'A recency without a repeat purchase',
    mend: 'With frequency 0 the recency is 0.',
  },
  negative_input: { status: 422, title: 'An input is negative', mend: 'It is 0 or more.' },
  non_integer_frequency: { status: 422, title: 'The frequency is not a whole number', mend: 'Count whole transactions.' },
  invalid_params: { status: 422, title: 'The parameters make no model', mend: 'All parameters are above 0 and finite.' },
} as const satisfies Record<string, { status: number; title: string; mend: string }>;
