import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import { type FastifyInstance, fastify } from 'fastify';
import { ControlLoop } from '../api/control-loop.ts';
import { type Assets, loadAssets } from '../api/pages/assets.ts';
import { type PagesOptions, pagesPlugin } from '../api/pages/plugin.ts';
import { toProblem, toSluiceError } from '../api/problem.ts';
import { defaultPolicy } from '../controller/policy.ts';
import { bundle } from '../dashboards/client/bundle.ts';
import { projectRoot } from '../sql/files.ts';
import { shopNow } from './stand-in-shop.ts';
import { MemoryLog } from './stand-ins.ts';

/** The pages on an app of their own, without doors. */
export async function pagesApp(options: Partial<PagesOptions> & Pick<PagesOptions, 'warehouse'>): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(cookie);
  app.setErrorHandler((thrown, request, reply) => {
    const error = toSluiceError(thrown);
    reply
      .status(error.status)
      .type('application/problem+json')
      .send(JSON.stringify(toProblem(error, request.id)));
  });
  const now = options.now ?? (() => shopNow);
  const parts = { warehouse: options.warehouse, log: new MemoryLog(), policy: defaultPolicy, now, report: () => undefined };
  pagesPlugin(app, { now, control: new ControlLoop(parts), ...options });
  return app;
}

/** The browser's files, built from their sources into a temporary folder. */
export async function freshAssets(): Promise<Assets> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-assets-'));
  await bundle(projectRoot, folder);
  return loadAssets(folder);
}
