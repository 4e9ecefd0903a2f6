import { z } from 'zod';
import { list } from './setting-schema.ts';

/** Settings of how the brake reaches senders that do not ask: the gateway. */
export const reachSettings = {
  SLUICE_GATEWAY_TOKENS: {
    meaning:
      'Turns the gateway on: access tokens of the platform (comma list, each as it is or as sha256:<64 hex digits>) with which senders come that put the address of Sluice where the Graph API stood. docs/controller.md tells how.',
    example: 'sha256:<64 hex digits>',
    schema: z
      .string()
      .transform(list)
      .refine(
        (tokens) =>
          tokens.every((token) => (token.startsWith('sha256:') ? /^sha256:[0-9a-fA-F]{64}$/.test(token) : token.length >= 16)),
        'has a token of fewer than 16 characters, or a sha256: without 64 hex digits',
      ),
  },
  SLUICE_GATEWAY_JUDGES: {
    meaning:
      'What the gateway asks rights for: people (each person is judged: consent, caps, quiet hours, service window) or count (the sender answers for the people; faster).',
    default: 'people',
    schema: z.enum(['people', 'count'], { error: 'is neither people nor count' }),
  },
} as const;
