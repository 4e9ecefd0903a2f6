import { resolve } from 'node:path';
import type { z } from 'zod';
import type { KafkaOptions } from '../ingest/kafka/options.ts';
import { SluiceError } from '../sql/errors.ts';
import { kafkaOf } from './kafka-config.ts';
import type { Role } from './roles.ts';
import { type Setting, type SettingName, settings } from './settings.ts';

/** What Sluice runs with. A plain object: tests and the demo build it directly. */
export interface Config {
  /** Absolute path. */
  dataDir: string;
  http: { host: string; port: number; trustedProxies: string[] };
  tokens: { role: Role; token: string }[];
  /** What the process is: everything, a receiver without a warehouse, or a warehouse that stands by while another holds the folder. */
  role: 'all' | 'receiver' | 'warehouse';
  /** Receivers only: where the warehouse is, how to be let in there, and how many rights of each stream to hold for bad times. */
  owner: { urls: string[]; token: string | null; budget: number };
  webhook: { appSecrets: string[]; verifyToken: string | null };
  /** null = the embedded log. */
  kafka: KafkaOptions | null;
  /** Ceiling of DuckDB's buffers, MiB. */
  memoryMb: number;
  /** `shadow` decides and records, and refuses nothing. */
  controlMode: 'shadow' | 'enforce';
  /** Days of each class, null = for ever; and how long it is known who was forgotten. */
  retention: { textDays: number | null; profileDays: number | null; personDays: number | null; forgetKeepDays: number };
  /** The user's own files; absolute path, or null. */
  projectDir: string | null;
  snapshots: { everyHours: number; keep: number };
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Without a slash at the end. */
  graphUrl: string;
  /** Absolute path; null = the default policy. */
  policyFile: string | null;
  /** Who is told of what the controller decides; secrets as bytes. */
  notify: { urls: string[]; secrets: Uint8Array[]; alertUrls: string[] };
  /** null = the platform is not asked. */
  poll: { token: string; version: string; callsPerHour: number } | null;
  /** null = no gateway. Tokens of the platform, or their hashes. */
  gateway: { tokens: string[]; judges: 'people' | 'count' } | null;
}

type Environment = Readonly<Record<string, string | undefined>>;
export type Values = { [N in SettingName]: z.output<(typeof settings)[N]['schema']> | undefined };

/**
 * Reads the settings out of an environment. An empty value counts as absent.
 * @throws SluiceError `config_invalid` that names every wrong setting, one clear sentence each, without values.
 */
export function loadConfig(env: Environment): Config {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const [name, setting] of Object.entries(settings as Record<string, Setting>)) {
    const text = env[name]?.trim() || setting.default;
    if (text === undefined) continue;
    const result = setting.schema.safeParse(text);
    if (result.success) values[name] = result.data;
    else wrong.push(...result.error.issues.map((issue) => `${name} ${issue.message}`));
  }
  const kafka = kafkaOf(values as Values, wrong);
  if (values['SLUICE_CONTROL_WEBHOOKS'] !== undefined && values['SLUICE_CONTROL_WEBHOOK_SECRETS'] === undefined) {
    wrong.push('SLUICE_CONTROL_WEBHOOKS needs SLUICE_CONTROL_WEBHOOK_SECRETS: they are signed');
  }
  if (wrong.length > 0) throw new SluiceError('config_invalid', { detail: wrong.join('; ') });
  const read = values as Values & { [N in NamesWithDefault]: z.output<(typeof settings)[N]['schema']> };
  return {
    dataDir: resolve(read.SLUICE_DATA_DIR),
    http: {
      host: read.SLUICE_HTTP_HOST,
      port: read.SLUICE_HTTP_PORT,
      trustedProxies: read.SLUICE_HTTP_TRUSTED_PROXIES,
    },
    tokens: read.SLUICE_TOKENS ?? [],
    role: read.SLUICE_ROLE,
    owner: {
      urls: read.SLUICE_OWNER_URLS ?? [],
      token: read.SLUICE_OWNER_TOKEN ?? null,
      budget: read.SLUICE_OWNER_BUDGET,
    },
    webhook: {
      appSecrets: read.SLUICE_WEBHOOK_APP_SECRETS ?? [],
      verifyToken: read.SLUICE_WEBHOOK_VERIFY_TOKEN ?? null,
    },
    kafka,
    memoryMb: read.SLUICE_MEMORY,
    controlMode: read.SLUICE_CONTROL_MODE,
    retention: {
      textDays: read.SLUICE_RETENTION_TEXT_DAYS ?? null,
      profileDays: read.SLUICE_RETENTION_PROFILE_DAYS ?? null,
      personDays: read.SLUICE_RETENTION_PERSON_DAYS ?? null,
      forgetKeepDays: read.SLUICE_FORGET_KEEP_DAYS,
    },
    projectDir: read.SLUICE_PROJECT_DIR === undefined ? null : resolve(read.SLUICE_PROJECT_DIR),
    snapshots: { everyHours: read.SLUICE_SNAPSHOT_HOURS, keep: read.SLUICE_SNAPSHOT_KEEP },
    logLevel: read.SLUICE_LOG_LEVEL,
    graphUrl: read.SLUICE_GRAPH_URL,
    policyFile: read.SLUICE_POLICY_FILE === undefined ? null : resolve(read.SLUICE_POLICY_FILE),
    notify: {
      urls: read.SLUICE_CONTROL_WEBHOOKS ?? [],
      secrets: read.SLUICE_CONTROL_WEBHOOK_SECRETS ?? [],
      alertUrls: read.SLUICE_ALERT_WEBHOOKS ?? [],
    },
    poll:
      read.SLUICE_POLL_TOKEN === undefined
        ? null
        : { token: read.SLUICE_POLL_TOKEN, version: read.SLUICE_GRAPH_VERSION, callsPerHour: read.SLUICE_POLL_CALLS_PER_HOUR },
    gateway:
      read.SLUICE_GATEWAY_TOKENS === undefined
        ? null
        : { tokens: read.SLUICE_GATEWAY_TOKENS, judges: read.SLUICE_GATEWAY_JUDGES },
  };
}
type NamesWithDefault = {
  [N in SettingName]: (typeof settings)[N] extends { default: string } ? N : never;
}[SettingName];

/** Names that look like settings of ours but are none: most likely misspelt. Those for tests are left out. */
export function unknownSettings(env: Environment): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith('SLUICE_') && !name.startsWith('SLUICE_TEST_') && !Object.hasOwn(settings, name),
  );
}

/** The settings of this process: its environment, over a `.env` file in the working folder if there is one. */
export function environment(): Environment {
  try {
    // Present from Node 20.12 on; the environment wins over the file.
    process.loadEnvFile?.();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new SluiceError('config_invalid', { detail: '.env cannot be read' });
  }
  // biome-ignore lint/style/noProcessEnv: this is the one place that reads the environment.
  return process.env;
}
