import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import { type FastifyInstance, fastify } from 'fastify';
import { type Assets, loadAssets } from '../api/pages/assets.ts';
import { type PagesOptions, pagesPlugin } from '../api/pages/plugin.ts';
import { toProblem, toSluiceError } from '../api/problem.ts';
import { bundle } from '../dashboards/client/bundle.ts';
import { projectRoot } from '../sql/files.ts';
import { shopNow } from './stand-in-shop.ts';

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
  pagesPlugin(app, { now: () => shopNow, ...options });
  return app;
}

/** The browser's files, built from their sources into a temporary folder. */
export async function freshAssets(): Promise<Assets> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-assets-'));
  await bundle(projectRoot, folder);
  return loadAssets(folder);
}
