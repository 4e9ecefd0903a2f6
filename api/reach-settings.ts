import { z } from 'zod';
import { secretBytes } from './notify/standard-webhook.ts';
import { count, list } from './setting-schema.ts';

const addresses = z
  .string()
  .transform(list)
  .refine((urls) => urls.every((url) => /^https?:/.test(url) && URL.canParse(url)), 'is not a list of http(s) addresses');

/** Settings of how the brake reaches senders that do not ask, and people: the gateway, webhooks, alerts. */
export const reachSettings = {
  SLUICE_POLICY_FILE: {
    meaning:
      'File (YAML) that says what the brake may allow, for the account and by campaign; read at the start. Absent = the defaults. "sluice policy check" reads it as the server does.',
    example: './policy.yaml',
    schema: z.string(),
  },
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
  SLUICE_CONTROL_WEBHOOKS: {
    meaning:
      'Addresses (comma list) of senders that are told by signed webhooks when a scope is braked or open again. Needs SLUICE_CONTROL_WEBHOOK_SECRETS.',
    example: 'https://sender.example.com/sluice',
    schema: addresses,
  },
  SLUICE_CONTROL_WEBHOOK_SECRETS: {
    meaning:
      'Secrets by which control webhooks are signed (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes; two (comma list) while one takes the place of the other.',
    example: 'whsec_<base64 of 32 random bytes>',
    schema: z.string().transform((text, context) =>
      list(text).map((entry, index) => {
        const bytes = secretBytes(entry);
        if (bytes === null) {
          context.addIssue({ code: 'custom', message: `entry ${index + 1} is not whsec_ and base64 of 24 to 64 bytes` });
        }
        return bytes ?? new Uint8Array();
      }),
    ),
  },
  SLUICE_POLL_TOKEN: {
    meaning:
      'Turns the poller on: an access token of the platform that may read numbers and templates (whatsapp_business_management). It reads quality, limits, throughput and health, which webhooks do not tell.',
    example: '<access token>',
    schema: z.string().min(16, 'has fewer than 16 characters'),
  },
  SLUICE_POLL_CALLS_PER_HOUR: {
    meaning:
      'Most calls of the poller an hour. The platform allows 200 an hour for each app and account by default; senders need some.',
    default: '100',
    schema: count(1, 5000),
  },
  SLUICE_GRAPH_VERSION: {
    meaning: 'Version of the Graph API that the poller asks, e.g. v24.0. Senders behind the gateway name their own.',
    default: 'v24.0',
    schema: z.string().regex(/^v[0-9]{1,3}\.[0-9]{1,2}$/, 'is not a version such as v24.0'),
  },
  SLUICE_ALERT_WEBHOOKS: {
    meaning: 'Addresses (comma list) of Slack-compatible webhooks to which alerts go, the same trouble once an hour.',
    example: 'https://hooks.slack.com/services/<yours>',
    schema: addresses,
  },
} as const;
