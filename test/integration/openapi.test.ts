import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';

interface Operation {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

describe('/openapi.json', () => {
  let test: AppUnderTest;
  let paths: Record<string, Record<string, Operation>>;
  let text: string;
  beforeAll(async () => {
    test = await appUnderTest();
    const answer = await test.app.inject({ url: '/openapi.json', headers: bearer('analyst') });
    text = answer.body;
    paths = answer.json().paths;
  });
  afterAll(() => test.app.close());

  it('describes every endpoint but the pages', () => {
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = test.app.routes
      .filter(({ method, url }) => method !== 'HEAD' && /^\/(v1|webhooks|healthz|readyz|metrics)/.test(url))
      .map(({ method, url }) => `${method} ${url.replace(/:([a-z]+)/g, '{$1}')}`);
    expect(described.sort()).toEqual(served.sort());
  });

  it('says of each what it does and how it answers', () => {
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        expect([path, method, operation.summary, operation.tags?.length]).toEqual([path, method, expect.stringMatching(/./), 1]);
        expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
        for (const [status, { content }] of Object.entries(operation.responses)) {
          if (Number(status) >= 400 && status !== '503') expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
        }
      }
    }
  });

  it('says what needs no token', () => {
    const open = Object.entries(paths).flatMap(([path, operations]) =>
      Object.values(operations)
        .filter(({ security }) => security?.length === 0)
        .map(() => path),
    );
    expect([...new Set(open)].sort()).toEqual(['/healthz', '/readyz', '/webhooks/whatsapp']);
  });

  it('refers to nothing that it does not hold', () => {
    const document = JSON.parse(text);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty([name ?? '']);
    expect(document.openapi).toMatch(/^3\.1/);
  });

  it('has a page of its own, without anything from outside', async () => {
    const page = await test.app.inject({ url: '/docs/', headers: bearer('analyst') });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/https?:\/\//);
    expect((await test.app.inject({ url: '/docs/static/swagger-ui-bundle.js', headers: bearer('analyst') })).statusCode).toBe(
      200,
    );
  });
});
