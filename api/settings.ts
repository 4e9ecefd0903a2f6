import { isIP } from 'node:net';
import { z } from 'zod';
import { kafkaSettings } from './kafka-settings.ts';
import { keepingSettings } from './keeping-settings.ts';
import { reachSettings } from './reach-settings.ts';
import { roleNames } from './roles.ts';
import { list } from './setting-schema.ts';

/**
 * Every setting with its meaning, unit and default: the one source of the parser (config.ts) and of `.env.example`.
 * Messages never repeat the value of a setting that may hold a secret.
 */
export interface Setting {
  meaning: string;
  /** As the user would write it; absent = no default. */
  default?: string;
  example?: string;
  /** From the text of the environment to the value. */
  schema: z.ZodType<unknown, string>;
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  return version !== 0 && rest.length === 0 && (bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= most));
}

const tokenList = z.string().transform((text, context) => {
  const tokens = list(text).map((entry, index) => {
    const colon = entry.indexOf(':');
    const role = roleNames.find((name) => name === entry.slice(0, colon));
    const token = entry.slice(colon + 1);
    const wrong = (message: string) => context.addIssue({ code: 'custom', message: `entry ${index + 1} ${message}` });
    if (colon < 0) wrong('is not written role:token');
    else if (role === undefined) wrong(`names no role of ${roleNames.join(', ')}`);
    else if (token.length < 16) wrong('has a token of fewer than 16 characters; try "openssl rand -hex 32"');
    else if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) wrong('has a token with characters other than A-Z a-z 0-9 - . _ ~ + / =');
    return { role: role ?? 'ingest', token };
  });
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) {
    context.addIssue({ code: 'custom', message: 'has one token twice' });
  }
  return tokens;
});

const memory = z.string().transform((text, context) => {
  const match = /^([0-9]{1,9})\s*(M|MB|MiB|G|GB|GiB)?$/i.exec(text.trim());
  const mib = Number(match?.[1]) * (match?.[2]?.toUpperCase().startsWith('G') ? 1024 : 1);
  if (match === null) context.addIssue({ code: 'custom', message: 'is not a size such as 1024, 512MB or 1GB' });
  else if (mib < 128) context.addIssue({ code: 'custom', message: 'is below 128 MiB, the least the warehouse can work with' });
  return mib;
});

export const settings = {
  SLUICE_DATA_DIR: {
    meaning: 'Folder that holds everything Sluice keeps: log, archive, warehouse. One running Sluice a folder.',
    default: './data',
    schema: z.string(),
  },
  SLUICE_HTTP_HOST: {
    meaning:
      'Address to listen on. The default is reachable from this machine only: Meta asks for TLS with a valid certificate, so a proxy stands in front. 0.0.0.0 listens on all networks (the container image does).',
    default: '127.0.0.1',
    schema: z.string().regex(/^[A-Za-z0-9.:\-[\]]+$/, 'is not a host name or address'),
  },
  SLUICE_HTTP_PORT: {
    meaning: 'Port to listen on, 0 to 65535. 0 takes any free port and says which.',
    default: '8080',
    schema: z
      .string()
      .refine((text) => /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535, 'is not a port between 0 and 65535')
      .transform(Number),
  },
  SLUICE_HTTP_TRUSTED_PROXIES: {
    meaning:
      'Addresses, CIDR ranges or the names loopback, linklocal, uniquelocal (comma list) of the proxies whose X-Forwarded-* headers are believed.',
    default: 'loopback',
    schema: z
      .string()
      .transform(list)
      .refine(
        (entries) => entries.every((entry) => /^(loopback|linklocal|uniquelocal)$/.test(entry) || isAddressOrRange(entry)),
        'is not a list of addresses, CIDR ranges, loopback, linklocal or uniquelocal',
      ),
  },
  SLUICE_TOKENS: {
    meaning:
      'Who may come in: comma list of role:token, each token at least 16 characters (openssl rand -hex 32). Roles: ingest, analyst, growth, ops, admin. Needed by "sluice serve".',
    example: 'admin:<64 hex digits>,analyst:<64 hex digits>,ingest:<64 hex digits>',
    schema: tokenList,
  },
  SLUICE_WEBHOOK_APP_SECRETS: {
    meaning: 'App secrets of the Meta apps subscribed to your accounts (comma list). Without one every webhook is refused.',
    example: '<app secret>,<app secret of a second app>',
    schema: z
      .string()
      .transform(list)
      .refine((secrets) => secrets.every((secret) => secret.length >= 8), 'has a secret of fewer than 8 characters'),
  },
  SLUICE_WEBHOOK_VERIFY_TOKEN: {
    meaning: 'The verify token you entered beside the callback URL in the Meta app. Without it the handshake is refused.',
    example: '<any text of your choice>',
    schema: z.string().min(8, 'has fewer than 8 characters'),
  },
  ...kafkaSettings,
  SLUICE_ROLE: {
    meaning:
      'What this process is: all (everything), receiver (takes webhooks, events, commands and permit requests; keeps nothing, needs Kafka) or warehouse (as all, but waits while another holds the data folder, and takes over by itself).',
    default: 'all',
    schema: z.enum(['all', 'receiver', 'warehouse'], { error: 'is not one of all, receiver, warehouse' }),
  },
  SLUICE_OWNER_URLS: {
    meaning: 'Receivers only: addresses of the warehouse and of those that stand by (comma list).',
    example: 'http://warehouse:8080,http://standby:8080',
    schema: z
      .string()
      .transform((text) => list(text).map((address) => address.replace(/\/+$/, '')))
      .refine((urls) => urls.every((url) => /^https?:/.test(url) && URL.canParse(url)), 'is not a list of http(s) addresses'),
  },
  SLUICE_OWNER_TOKEN: {
    meaning:
      'Receivers only: a token of the warehouse (role ingest, ops or admin) with which permit requests are passed on. Without it receivers grant nothing.',
    example: '<64 hex digits>',
    schema: z.string().min(16, 'has fewer than 16 characters'),
  },
  SLUICE_OWNER_BUDGET: {
    meaning:
      'Receivers only: sending rights by count that a receiver holds of each stream in use, to go on with while the warehouse is away; they are taken from the window of the stream. 0 holds none.',
    default: '0',
    schema: z
      .string()
      .refine((text) => /^[0-9]{1,6}$/.test(text), 'is not a whole number from 0 to 999999')
      .transform(Number),
  },
  SLUICE_MEMORY: {
    meaning:
      'Memory of the whole process: MiB, or with a unit (512MB, 1GB = 1024 MiB). Queries get what the rest leaves, a quarter at least, and spill to disk beyond it. Below 512 that quarter and the rest may be more.',
    default: '1024',
    schema: memory,
  },
  SLUICE_CONTROL_MODE: {
    meaning:
      'Whether the brake holds: enforce refuses sending rights, shadow decides and records the same and refuses nothing. A campaign can be told apart by its policy.',
    default: 'enforce',
    schema: z.enum(['shadow', 'enforce'], { error: 'is neither shadow nor enforce' }),
  },
  ...keepingSettings,
  SLUICE_LOG_LEVEL: {
    meaning: 'How much is logged: fatal, error, warn, info, debug, trace or silent.',
    default: 'info',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'is not one of fatal, error, warn, info, debug, trace, silent',
    }),
  },
  ...reachSettings,
  SLUICE_GRAPH_URL: {
    meaning: "Base address of the platform's Graph API.",
    default: 'https://graph.facebook.com',
    schema: z
      .url({ protocol: /^https?$/, error: 'is not an http(s) address' })
      .transform((address) => address.replace(/\/+$/, '')),
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** The text of `.env.example`. */
export function envExample(): string {
  const wrap = (text: string): string[] => {
    const lines: string[] = [];
    for (const word of text.split(' ')) {
      const last = lines.at(-1);
      if (last === undefined || last.length + word.length > 110) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  };
  const parts = Object.entries(settings as Record<string, Setting>).map(([name, setting]) =>
    [...wrap(setting.meaning).map((line) => `# ${line}`), `# ${name}=${setting.default ?? setting.example ?? ''}`].join('\n'),
  );
  return `${[
    '# Settings of Sluice. Copy to .env and take the "# " away from the lines you change; what is commented here is the default',
    '# or, where it stands in <angle brackets>, an example. Real environment variables win over the file.',
  ].join('\n')}\n\n${parts.join('\n\n')}\n`;
}
