import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SluiceError } from '../../sql/errors.ts';
import type {} from '../auth.ts';
import type { ControlLoop } from '../control-loop.ts';
import type { ControlRoom } from '../control-view.ts';
import type { Forecaster } from '../forecaster.ts';
import { messageCounts, messageDimensions } from '../message-desk.ts';
import { mayDo, type Role } from '../roles.ts';
import type { Warehouse } from '../warehouse.ts';
import type { WorkerPool } from '../worker-pool.ts';
import { type Assets, etagOf, sharedAssets } from './assets.ts';
import { type ControlAsk, controlContent } from './control-content.tsx';
import { controlForms } from './control-forms.ts';
import { type Dashboards, LiveDashboards } from './dashboard-files.ts';
import { dashboardPages, type Mark } from './dashboard-pages.ts';
import { experimentContent, experimentsContent } from './experiments-content.tsx';
import { readFilters } from './filters.ts';
import { languageOf, rememberLanguage } from './language.ts';
import { messagesContent } from './messages-content.tsx';
import { navigation } from './navigation.ts';
import { type Page, renderContent, renderPage } from './page.tsx';
import { pageHeaders } from './security.ts';
import { makeWords } from './words.ts';

export interface PagesOptions {
  warehouse: Warehouse;
  control: ControlRoom & Pick<ControlLoop, 'override' | 'lift'>;
  now: () => Date;
  /** Draws charts, writes Parquet and fits forecasts; without it there are none of these. */
  pool?: WorkerPool;
  forecaster?: Forecaster;
  /** The built browser files; those of `dist/assets` unless told. */
  assets?: Assets;
  /** The dashboards by name; those of the folder `dashboards/`, as their files stand, unless told. */
  dashboards?: Dashboards | LiveDashboards;
  /** Seconds between two looks of an open page. */
  liveSeconds?: number;
}

type Build = (request: FastifyRequest) => Promise<Page>;

/**
 * The pages `/`, `/campaigns/:id`, `/dashboards/:name`, `/experiments`, `/experiments/:id` and `/control`; their content as JSON
 * under `/data/…` for live updates (one request a look, 304 when nothing changed); and `/assets/*`. Needs @fastify/cookie.
 */
export function pagesPlugin(app: FastifyInstance, options: PagesOptions): void {
  const { warehouse, control, now, pool = null, forecaster = null, assets = sharedAssets(), liveSeconds = 5 } = options;
  const { dashboards = new LiveDashboards() } = options;
  const current = () => (dashboards instanceof LiveDashboards ? dashboards.current : dashboards);
  const read = { config: { right: 'read' }, schema: { hide: true } } as const;

  const readers = (request: FastifyRequest) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const known = (dimensions: readonly string[]) => {
      const filters = readFilters(request.query as Record<string, unknown>, now(), dimensions);
      return { filters, words: makeWords(languageOf(request), filters.zone) };
    };
    if (/^(\/data)?\/messages\//.test(path)) return known(messageDimensions);
    const [, name = 'overview'] = /^\/dashboards\/([^/]+)/.exec(path) ?? [];
    const loaded = current().get(path.startsWith('/campaigns/') ? 'campaign' : name);
    return known(loaded !== undefined && 'dashboard' in loaded ? loaded.dashboard.filters : []);
  };
  const send = (request: FastifyRequest, reply: FastifyReply, built: Page, dataPath: string) => {
    rememberLanguage(request, reply);
    const { filters, words } = readers(request);
    const here = request.method === 'GET' ? (request.url.split('?', 1)[0] ?? '/') : dataPath.replace('/data', '');
    const session = request.session ? { role: request.session.role, csrf: request.session.csrfToken } : null;
    const live = here === '/' ? dataPath : `/data${here}`;
    const pages = navigation(current(), here, words);
    const frame = { words, filters, assets, session, path: here, dataPath: live, liveSeconds, pages };
    return reply.headers(pageHeaders).send(renderPage(built, frame));
  };

  const page = (path: string, dataPath: string, build: Build, mark?: Mark): void => {
    app.get(path, read, async (request, reply) => send(request, reply, await build(request), dataPath));
    app.get(dataPath, read, async (request, reply) => {
      const headers = { 'cache-control': 'private, no-cache', 'content-type': 'application/json; charset=utf-8' };
      const known = request.headers['if-none-match'];
      const early = mark === undefined ? null : await mark(request);
      if (early !== null && early === known)
        return reply
          .headers({ ...headers, etag: early })
          .status(304)
          .send();
      const body = renderContent(await build(request));
      const etag = early ?? etagOf(body);
      reply.headers({ ...headers, etag });
      return known === etag ? reply.status(304).send() : reply.send(body);
    });
  };

  dashboardPages(app, page, { warehouse, control, pool, forecaster, now, dashboards: current });
  page('/messages/:counts', '/data/messages/:counts', async (request) => {
    const { filters, words } = readers(request);
    const { counts: asked } = request.params as { counts: string };
    const counts = messageCounts.find((name) => name === asked);
    if (counts === undefined) throw new SluiceError('not_found', { detail: `messages are not counted as "${asked}"` });
    const role = (request.role ?? 'analyst') as Role;
    const content = await messagesContent({ warehouse, counts, filters, words, role });
    return {
      title: words.t('messages.title'),
      parent: { label: words.t('nav.overview'), path: '/' },
      comparable: false,
      content,
    };
  });
  page('/experiments', '/data/experiments', async (request) => {
    const { words } = readers(request);
    const verdicts = await warehouse.experiments(now().getTime());
    return { title: words.t('experiments.title'), timeless: true, content: experimentsContent({ verdicts, words }) };
  });
  page('/experiments/:id', '/data/experiments/:id', async (request) => {
    const { words } = readers(request);
    const { id } = request.params as { id: string };
    const [verdict, history] = await Promise.all([warehouse.experiment(id, now().getTime()), warehouse.experimentHistory(id)]);
    if (verdict === null) throw new SluiceError('not_found', { detail: `no experiment "${id}" is registered` });
    const parent = { label: words.t('experiments.back'), path: '/experiments' };
    return {
      title: verdict.name,
      timeless: true,
      parent,
      content: experimentContent({ verdict, history: history ?? [], words }),
    };
  });
  const controlPage = async (request: FastifyRequest, refused?: ControlAsk['refused']): Promise<Page> => {
    const { words } = readers(request);
    const csrf = request.session && mayDo(request.session.role, 'overrideControl') ? request.session.csrfToken : null;
    const asked = { control, warehouse, words, now: now(), csrf };
    const content = await controlContent(refused === undefined ? asked : { ...asked, refused });
    return { title: words.t('control.title'), timeless: true, content };
  };
  page('/control', '/data/control', (request) => controlPage(request));
  controlForms(app, {
    control,
    warehouse,
    now,
    refuse: async (request, reply, refused) => send(request, reply, await controlPage(request, refused), '/data/control'),
  });
  serveAssets(app, assets);
}

/** Files whose names carry a hash of their content, so that a browser may keep them for ever. */
function serveAssets(app: FastifyInstance, assets: Assets): void {
  app.get('/assets/:file', { config: { right: 'public' }, schema: { hide: true } }, async (request, reply) => {
    const { file } = request.params as { file: string };
    const asset = assets.find(file);
    if (asset === undefined) throw new SluiceError('not_found', { detail: `no asset "${file}"` });
    const accepted = (request.headers['accept-encoding'] ?? '').split(',').map((part) => part.trim().split(';', 1)[0]);
    const encoded = asset.encoded.find(({ encoding }) => accepted.includes(encoding));
    reply.headers({
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
      ...(encoded === undefined ? {} : { 'content-encoding': encoded.encoding }),
    });
    return reply.send(encoded?.bytes ?? asset.bytes);
  });
}
