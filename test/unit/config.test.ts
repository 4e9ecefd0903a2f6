import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, unknownSettings } from '../../api/config.ts';
import { envExample } from '../../api/settings.ts';
import { SluiceError } from '../../sql/errors.ts';
import { projectRoot } from '../../sql/files.ts';

/** The detail of the error that these settings raise. */
function complaint(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'config_invalid') return error.detail ?? '';
    throw error;
  }
  return 'none';
}

describe('the settings', () => {
  it('have defaults that run on one machine', () => {
    expect(loadConfig({})).toEqual({
      dataDir: resolve('./data'),
      http: { host: '127.0.0.1', port: 8080, trustedProxies: ['loopback'] },
      tokens: [],
      role: 'all',
      owner: { urls: [], token: null, budget: 0 },
      webhook: { appSecrets: [], verifyToken: null },
      memoryMb: 1024,
      controlMode: 'enforce',
      logLevel: 'info',
      graphUrl: 'https://graph.facebook.com',
    });
  });

  it('are read from the environment, blanks around them left out', () => {
    const config = loadConfig({
      SLUICE_DATA_DIR: '/srv/sluice',
      SLUICE_HTTP_HOST: '0.0.0.0',
      SLUICE_HTTP_PORT: ' 0 ',
      SLUICE_HTTP_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      SLUICE_TOKENS: 'admin:0123456789abcdef, analyst:fedcba9876543210',
      SLUICE_WEBHOOK_APP_SECRETS: 'first-secret,second-secret',
      SLUICE_WEBHOOK_VERIFY_TOKEN: 'verify-token',
      SLUICE_ROLE: 'receiver',
      SLUICE_OWNER_URLS: 'http://warehouse:8080/, http://standby:8080',
      SLUICE_OWNER_TOKEN: '0123456789abcdef',
      SLUICE_OWNER_BUDGET: '20',
      SLUICE_MEMORY: '2GB',
      SLUICE_CONTROL_MODE: 'shadow',
      SLUICE_LOG_LEVEL: 'warn',
      SLUICE_GRAPH_URL: 'http://localhost:9000/',
      SLUICE_KAFKA_BROKERS: '',
    });
    expect(config).toEqual({
      dataDir: '/srv/sluice',
      http: { host: '0.0.0.0', port: 0, trustedProxies: ['10.0.0.0/8', '::1'] },
      tokens: [
        { role: 'admin', token: '0123456789abcdef' },
        { role: 'analyst', token: 'fedcba9876543210' },
      ],
      role: 'receiver',
      owner: { urls: ['http://warehouse:8080', 'http://standby:8080'], token: '0123456789abcdef', budget: 20 },
      webhook: { appSecrets: ['first-secret', 'second-secret'], verifyToken: 'verify-token' },
      memoryMb: 2048,
      controlMode: 'shadow',
      logLevel: 'warn',
      graphUrl: 'http://localhost:9000',
    });
  });

  it.each([
    ['2048', 2048],
    ['512MB', 512],
    ['512 MiB', 512],
    ['1g', 1024],
  ])('SLUICE_MEMORY=%s is %d MiB', (text, mib) => {
    expect(loadConfig({ SLUICE_MEMORY: text }).memoryMb).toBe(mib);
  });

  it.each([
    ['SLUICE_HTTP_PORT', '70000', 'port between 0 and 65535'],
    ['SLUICE_HTTP_PORT', '80a', 'port between 0 and 65535'],
    ['SLUICE_HTTP_HOST', 'a host', 'is not a host name'],
    ['SLUICE_HTTP_TRUSTED_PROXIES', '10.0.0.0/99', 'CIDR'],
    ['SLUICE_TOKENS', '0123456789abcdef', 'entry 1 is not written role:token'],
    ['SLUICE_TOKENS', 'boss:0123456789abcdef', 'entry 1 names no role of ingest, analyst, growth, ops, admin'],
    ['SLUICE_TOKENS', 'admin:0123456789abcdef,ops:short', 'entry 2 has a token of fewer than 16 characters'],
    ['SLUICE_TOKENS', 'admin:0123456789 abcdef', 'characters other than'],
    ['SLUICE_TOKENS', 'admin:0123456789abcdef,ops:0123456789abcdef', 'one token twice'],
    ['SLUICE_WEBHOOK_APP_SECRETS', 'short', 'fewer than 8 characters'],
    ['SLUICE_KAFKA_BROKERS', 'kafka:9092', 'Kafka is not in this version yet'],
    ['SLUICE_ROLE', 'boss', 'is not one of all, receiver, warehouse'],
    ['SLUICE_OWNER_URLS', 'warehouse:8080', 'is not a list of http(s) addresses'],
    ['SLUICE_OWNER_TOKEN', 'short', 'fewer than 16 characters'],
    ['SLUICE_OWNER_BUDGET', '-1', 'is not a whole number'],
    ['SLUICE_MEMORY', 'plenty', 'is not a size'],
    ['SLUICE_MEMORY', '1', 'below 128 MiB'],
    ['SLUICE_CONTROL_MODE', 'off', 'is neither shadow nor enforce'],
    ['SLUICE_LOG_LEVEL', 'loud', 'is not one of fatal'],
    ['SLUICE_GRAPH_URL', 'ftp://x', 'is not an http(s) address'],
  ])('%s=%s is refused with a clear sentence', (name, value, sentence) => {
    expect(complaint({ [name]: value })).toContain(name);
    expect(complaint({ [name]: value })).toContain(sentence);
  });

  it('are all complained about at once, and no secret is repeated', () => {
    const text = complaint({
      SLUICE_HTTP_PORT: 'x',
      SLUICE_MEMORY: 'y',
      SLUICE_TOKENS: 'boss:hush-hush-hush',
      SLUICE_WEBHOOK_APP_SECRETS: 'hush',
    });
    expect(new Set(text.split('; ').map((sentence) => sentence.split(' ')[0]))).toEqual(
      new Set(['SLUICE_HTTP_PORT', 'SLUICE_MEMORY', 'SLUICE_TOKENS', 'SLUICE_WEBHOOK_APP_SECRETS']),
    );
    expect(text).not.toContain('hush');
  });

  it('that are misspelt are noticed', () => {
    expect(unknownSettings({ SLUICE_HTPP_PORT: '1', SLUICE_TEST_SHARED: 'x', PATH: '/bin' })).toEqual(['SLUICE_HTPP_PORT']);
  });

  it('are all in .env.example ("npx vitest run -u test/unit/config.test.ts" writes it)', async () => {
    await expect(envExample()).toMatchFileSnapshot(join(projectRoot, '.env.example'));
  });
});
