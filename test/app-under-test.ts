import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../api/app.ts';
import type { Config } from '../api/config.ts';
import { createLogger } from '../api/logger.ts';
import type { PermitSource } from '../api/permit-desk.ts';
import { type Role, roleNames } from '../api/roles.ts';
import type { Warehouse } from '../api/warehouse.ts';
import type { WorkerPool } from '../api/worker-pool.ts';
import { fixedWarehouse, MemoryLog } from './stand-ins.ts';

export const appSecret = 'first-app-secret';
export const secondAppSecret = 'second-app-secret';
export const verifyToken = 'verify-me-please';
/** A token for each role. */
export const tokenOf = (role: Role): string => `${role}-token-0123456789abcdef`;
export const bearer = (role: Role) => ({ authorization: `Bearer ${tokenOf(role)}` });

export function testConfig(overrides: Partial<Config> = {}): Config {
  return {
    dataDir: tmpdir(),
    http: { host: '127.0.0.1', port: 0, trustedProxies: ['loopback'] },
    tokens: roleNames.map((role) => ({ role, token: tokenOf(role) })),
    role: 'all',
    owner: { urls: [], token: null, budget: 0 },
    webhook: { appSecrets: [appSecret, secondAppSecret], verifyToken },
    kafka: null,
    memoryMb: 256,
    controlMode: 'enforce',
    retention: { textDays: null, profileDays: null, personDays: null, forgetKeepDays: 90 },
    projectDir: null,
    snapshots: { everyHours: 0, keep: 30 },
    logLevel: 'info',
    graphUrl: 'http://127.0.0.1:9',
    policyFile: null,
    notify: { urls: [], secrets: [], alertUrls: [] },
    poll: null,
    gateway: null,
    ...overrides,
  };
}

export interface AppUnderTest {
  app: FastifyInstance;
  log: MemoryLog;
  /** Everything that was logged, one JSON line each. */
  lines: string[];
  clock: { ms: number };
}

/** The app on a log in memory and a warehouse of fixed answers. */
export async function appUnderTest(
  overrides: { config?: Partial<Config>; warehouse?: Partial<Warehouse>; control?: PermitSource; pool?: WorkerPool } = {},
): Promise<AppUnderTest> {
  const log = new MemoryLog();
  const lines: string[] = [];
  const clock = { ms: Date.parse('2026-11-21T10:00:00Z') };
  const app = await buildApp({
    config: testConfig(overrides.config),
    log,
    warehouse: fixedWarehouse(log, overrides.warehouse),
    logger: createLogger('debug', { write: (line) => void lines.push(line) }),
    now: () => new Date(clock.ms),
    backup: async (folder) => ({ folder, files: 0, bytes: 0 }),
    privacy: {
      forget: async () => ({ request_id: 'r', requested_at: '2026-11-21T10:00:00.000Z', names: 1, state: 'pending' }),
      heldOn: async () => ({ as_of: '2026-11-21T10:00:00.000Z', names: [], tables: {}, records: [] }),
      sweep: async () => ({ requests: 0, people_aged_out: 0, archive_files: 0, records: 0, lapsed: 0 }),
    },
    snapshot: async () => ({ name: '20261121T100000000Z', taken_at: '2026-11-21T10:00:00.000Z', tables: 1, rows: 1 }),
    tempDir: tmpdir(),
    ...(overrides.control === undefined ? {} : { control: overrides.control }),
    ...(overrides.pool === undefined ? {} : { pool: overrides.pool }),
  });
  return { app, log, lines, clock };
}

/** The header that the platform would send with this body. */
export const signature = (body: string | Uint8Array, secret = appSecret): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
