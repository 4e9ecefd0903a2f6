import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, bearer, signature } from '../app-under-test.ts';

describe('operation', () => {
  let test: AppUnderTest;
  afterEach(() => test.app.close());
  const get = (url: string, role: 'ops' | 'admin' = 'ops') => test.app.inject({ url, headers: bearer(role) });

  it('alive and ready', async () => {
    test = await appUnderTest();
    expect((await test.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await test.app.inject('/readyz')).json()).toEqual({
      status: 'ready',
      checks: { log: 'ok', disk: 'ok', warehouse: 'ok', apply: 'ok' },
      lag_records: 0,
    });
  });

  it('not ready while the log refuses or the warehouse does not answer, and alive all the same', async () => {
    test = await appUnderTest({ warehouse: { status: () => Promise.reject(new Error('gone')) } });
    test.log.broken = true;
    await test.app.inject({
      method: 'POST',
      url: '/webhooks/whatsapp',
      payload: '{}',
      headers: { 'x-hub-signature-256': signature('{}') },
    });
    const answer = await test.app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      status: 'not_ready',
      checks: { log: 'failed', disk: 'ok', warehouse: 'failed', apply: 'failed' },
      lag_records: null,
    });
    expect((await test.app.inject('/healthz')).statusCode).toBe(200);
  });

  it('Prometheus reads counters and gauges', async () => {
    test = await appUnderTest();
    await test.app.inject({
      method: 'POST',
      url: '/webhooks/whatsapp',
      payload: '{}',
      headers: { 'x-hub-signature-256': signature('{}') },
    });
    await test.app.inject({ method: 'POST', url: '/webhooks/whatsapp', payload: '{}' });
    await test.app.inject({
      method: 'POST',
      url: '/v1/events',
      payload: '[1]',
      headers: { ...bearer('ingest'), 'content-type': 'application/json' },
    });
    await test.app.inject('/v1/campaigns');
    await get('/v1/campaigns/any%0Athing');
    const answer = await get('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = answer.body.split('\n');
    for (const line of [
      'sluice_webhooks_total{outcome="accepted"} 1',
      'sluice_webhooks_total{outcome="signature_missing"} 1',
      'sluice_log_records_total 1',
      'sluice_log_bytes_total 2',
      'sluice_events_total{outcome="rejected"} 1',
      'sluice_unauthorized_total 1',
      'sluice_http_requests_total{method="GET",route="/v1/campaigns/:id",status="404"} 1',
      'sluice_apply_lag_records{partition="log"} 0',
      'sluice_warehouse_up 1',
    ]) {
      expect(lines).toContain(line);
    }
    for (const line of lines.filter((text) => text !== '' && !text.startsWith('#'))) {
      expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? -?[0-9.e+-]+$/);
    }
  });

  it('status, quarantine and model builds', async () => {
    test = await appUnderTest();
    expect((await get('/v1/status')).json()).toMatchObject({ quarantined: 0, positions: [{ partition: 'log', lag: '0' }] });
    expect((await get('/v1/admin/quarantine?limit=5')).json()).toEqual({ quarantined: [] });
    expect((await get('/v1/admin/quarantine?limit=x')).json()).toMatchObject({ code: 'query_invalid', field: 'limit' });
    const post = (url: string) => test.app.inject({ method: 'POST', url, headers: bearer('admin') });
    expect((await post('/v1/admin/quarantine/replay')).json()).toEqual({ replayed: 0, left: 0 });
    expect((await post('/v1/admin/models/build?full=true')).json().built).toHaveLength(1);
    expect((await post('/v1/admin/rebuild')).json()).toEqual({ records: 0, seconds: 0 });
  });

  it('a backup goes into a folder named in full', async () => {
    test = await appUnderTest();
    const post = (payload: object) =>
      test.app.inject({ method: 'POST', url: '/v1/admin/backup', payload, headers: bearer('admin') });
    expect((await post({ folder: '/backup/today' })).json()).toEqual({ folder: '/backup/today', files: 0, bytes: 0 });
    expect((await post({ folder: 'today' })).json()).toMatchObject({ code: 'input_invalid', field: 'folder' });
  });

  it('a table is exported as a file, and nothing is left behind', async () => {
    let written = '';
    test = await appUnderTest({
      warehouse: {
        exportTable: async (_table, _format, path) => {
          written = path;
          await writeFile(path, 'a,b\r\n1,2\r\n');
          return { rows: 1 };
        },
      },
    });
    const answer = await get('/v1/admin/export/fact_message?format=csv', 'admin');
    expect([answer.statusCode, answer.body, answer.headers['x-rows']]).toEqual([200, 'a,b\r\n1,2\r\n', '1']);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="fact_message.csv"');
    await expect.poll(() => readFile(written).catch((error) => error.code)).toBe('ENOENT');
    expect((await get('/v1/admin/export/fact_message?format=xls', 'admin')).json()).toMatchObject({ field: 'format' });
  });

  it('a table that is not there cannot be exported', async () => {
    test = await appUnderTest();
    const answer = await get('/v1/admin/export/x', 'admin');
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'export_invalid']);
  });
});

describe('errors', () => {
  let test: AppUnderTest;
  afterEach(() => test.app.close());

  it('are problem documents with a code, a way to mend it and the id of the request', async () => {
    test = await appUnderTest();
    const answer = await test.app.inject({ method: 'DELETE', url: '/v1/campaigns/x', headers: bearer('admin') });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers.allow?.split(', ').sort()).toEqual(['GET', 'HEAD', 'PUT']);
    expect(answer.json()).toEqual({
      type: 'urn:sluice:error:method_not_allowed',
      title: 'The address exists, the method does not',
      status: 405,
      code: 'method_not_allowed',
      detail: expect.stringContaining('PUT'),
      mend: 'Use a method from the Allow header.',
      request_id: expect.stringMatching(/./),
    });
    expect((await test.app.inject('/nowhere')).json()).toMatchObject({ status: 404, code: 'not_found' });
    expect((await test.app.inject('/%zz')).json()).toMatchObject({ code: 'not_found' });
  });

  it('of our own say nothing about the inside, and the log says it with the same id', async () => {
    test = await appUnderTest({ warehouse: { campaigns: () => Promise.reject(new Error('SELECT hidden FROM secret_table')) } });
    const answer = await test.app.inject({ url: '/v1/campaigns', headers: bearer('analyst') });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal']);
    expect(answer.body).not.toContain('secret_table');
    const line = test.lines.find((text) => text.includes('secret_table'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 50, request_id: answer.json().request_id, route: '/v1/campaigns' });
  });

  it('are pages for browsers', async () => {
    test = await appUnderTest();
    const answer = await test.app.inject({ url: '/nowhere', headers: { accept: 'text/html' } });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(answer.body).toContain('There is nothing here');
  });
});
