import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, unknownSettings } from '../../api/config.ts';
import { envExample } from '../../api/settings.ts';
import { SluiceError } from '../../sql/errors.ts';
import { projectRoot } from '../../sql/files.ts';
import { temporaryFolder } from '../temporary.ts';

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
      kafka: null,
      memoryMb: 1024,
      controlMode: 'enforce',
      logLevel: 'info',
      retention: { textDays: null, profileDays: null, personDays: null, forgetKeepDays: 90 },
      projectDir: null,
      snapshots: { everyHours: 24, keep: 30 },
      graphUrl: 'https://graph.facebook.com',
      policyFile: null,
      notify: { urls: [], secrets: [], alertUrls: [] },
      poll: null,
      gateway: null,
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
      SLUICE_GATEWAY_TOKENS: 'a-token-of-the-platform',
      SLUICE_GATEWAY_JUDGES: 'count',
      SLUICE_CONTROL_WEBHOOKS: 'https://sender.example.com/hook',
      SLUICE_CONTROL_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
      SLUICE_ALERT_WEBHOOKS: 'https://hooks.example.com/a, https://hooks.example.com/b',
      SLUICE_POLICY_FILE: '/srv/policy.yaml',
      SLUICE_POLL_TOKEN: 'another-token-of-the-platform',
      SLUICE_POLL_CALLS_PER_HOUR: '50',
      SLUICE_GRAPH_VERSION: 'v25.0',
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
      kafka: null,
      memoryMb: 2048,
      controlMode: 'shadow',
      logLevel: 'warn',
      retention: { textDays: null, profileDays: null, personDays: null, forgetKeepDays: 90 },
      projectDir: null,
      snapshots: { everyHours: 24, keep: 30 },
      graphUrl: 'http://localhost:9000',
      policyFile: '/srv/policy.yaml',
      notify: {
        urls: ['https://sender.example.com/hook'],
        secrets: [Buffer.alloc(24, 7)],
        alertUrls: ['https://hooks.example.com/a', 'https://hooks.example.com/b'],
      },
      poll: { token: 'another-token-of-the-platform', version: 'v25.0', callsPerHour: 50 },
      gateway: { tokens: ['a-token-of-the-platform'], judges: 'count' },
    });
  });

  it('name a Kafka cluster by its brokers alone, with everything else as documented', () => {
    expect(loadConfig({ SLUICE_KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092' }).kafka).toEqual({
      brokers: ['kafka-1:9092', 'kafka-2:9092'],
      clientId: 'sluice',
      topicPrefix: 'sluice.',
      tls: false,
      sasl: null,
      compression: 'none',
      partitions: 3,
      replication: null,
      retentionMs: 604_800_000, // 168 h
      maxRecordBytes: 4_194_304,
      deadLetters: false,
      createTopics: true,
      appendTimeoutMs: 10_000,
    });
  });

  it('take TLS certificates out of files, and a user with a password', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder.path, 'ca.pem'), 'the authority');
    const { kafka } = loadConfig({
      SLUICE_KAFKA_BROKERS: 'kafka:9093',
      SLUICE_KAFKA_TLS: 'true',
      SLUICE_KAFKA_TLS_CA_FILE: join(folder.path, 'ca.pem'),
      SLUICE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      SLUICE_KAFKA_SASL_USERNAME: 'sluice',
      SLUICE_KAFKA_SASL_PASSWORD: 'hush',
    });
    expect(kafka?.tls).toEqual({ ca: 'the authority' });
    expect(kafka?.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'sluice', password: 'hush' });
    await folder.remove();
  });

  it('of Kafka that do not fit together are complained about', () => {
    const text = complaint({
      SLUICE_KAFKA_BROKERS: 'kafka:9093',
      SLUICE_KAFKA_TLS_CA_FILE: '/nowhere.pem',
      SLUICE_KAFKA_SASL_PASSWORD: 'hush',
    });
    expect(text).toContain('SLUICE_KAFKA_TLS_CA_FILE is set, but SLUICE_KAFKA_TLS is not true');
    expect(text).toContain('SLUICE_KAFKA_SASL_MECHANISM is missing');
    expect(text).not.toContain('hush');
    expect(
      complaint({ SLUICE_KAFKA_BROKERS: 'k:1', SLUICE_KAFKA_TLS: 'true', SLUICE_KAFKA_TLS_CA_FILE: '/nowhere.pem' }),
    ).toContain('SLUICE_KAFKA_TLS_CA_FILE names a file that cannot be read');
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
    ['SLUICE_KAFKA_BROKERS', 'kafka', 'has an entry that is not host:port'],
    ['SLUICE_KAFKA_TOPIC_PREFIX', 'a/b', 'is not made of'],
    ['SLUICE_KAFKA_TLS', 'yes', 'is neither true nor false'],
    ['SLUICE_KAFKA_SASL_MECHANISM', 'kerberos', 'is none of plain, scram-sha-256, scram-sha-512'],
    ['SLUICE_KAFKA_COMPRESSION', 'zstd', 'is neither gzip nor none'],
    ['SLUICE_KAFKA_PARTITIONS', '0', 'is not a whole number from 1 to 1000'],
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

  it('are all in .env.example ("npx vitest run test/unit/config.test.ts -u" writes it)', async () => {
    await expect(envExample()).toMatchFileSnapshot(join(projectRoot, '.env.example'));
  });
});
