import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { scopeId } from '../../controller/scope.ts';
import { chooseLanguage, isLanguage, type Language } from '../../dashboards/locales/locale.ts';
import { SluiceError } from '../../sql/errors.ts';
import type {} from '../auth.ts';
import type { ControlLoop } from '../control-loop.ts';
import { type ControlRoom, scopeOf } from '../control-view.ts';
import { mayDo } from '../roles.ts';
import type { Warehouse } from '../warehouse.ts';
import { type Assets, etagOf, sharedAssets } from './assets.ts';
import { type Ask, campaignContent, overviewContent } from './content.tsx';
import { type ControlAsk, controlContent } from './control-content.tsx';
import { controlForms } from './control-forms.ts';
import { type Dashboard, type LoadedDashboard, loadDashboards } from './dashboard.ts';
import { experimentContent, experimentsContent } from './experiments-content.tsx';
import { readFilters } from './filters.ts';
import { type Page, renderContent, renderPage } from './page.tsx';
import { pageHeaders } from './security.ts';
import { makeWords } from './words.ts';

export interface PagesOptions {
  warehouse: Warehouse;
  control: ControlRoom & Pick<ControlLoop, 'override' | 'lift'>;
  now: () => Date;
  /** The built browser files; those of `dist/assets` unless told. */
  assets?: Assets;
  /** The dashboards by name; those of the folder `dashboards/` unless told. */
  dashboards?: Map<string, LoadedDashboard>;
  /** Seconds between two looks of an open page. */
  liveSeconds?: number;
}

type Asked = Omit<Ask, 'dashboard'>;
type Build = (asked: Asked, request: FastifyRequest) => Promise<Page>;

/**
 * The pages `/`, `/campaigns/:id`, `/experiments`, `/experiments/:id` and `/control`; their content as JSON under `/data/…` for live updates (one request a look, 304 when
 * nothing changed); and `/assets/*`. Needs @fastify/cookie.
 */
export function pagesPlugin(app: FastifyInstance, options: PagesOptions): void {
  const { warehouse, control, now, assets = sharedAssets(), dashboards = loadDashboards(), liveSeconds = 5 } = options;
  const read = { config: { right: 'read' }, schema: { hide: true } } as const;

  const ask = (request: FastifyRequest): Asked => {
    const filters = readFilters(request.query as Record<string, unknown>, now());
    const words = makeWords(languageOf(request), filters.zone);
    return { warehouse, filters, words, origin: `${request.protocol}://${request.host}` };
  };
  const send = (request: FastifyRequest, reply: FastifyReply, { words, filters }: Asked, built: Page, dataPath: string) => {
    rememberLanguage(request, reply);
    const here = request.method === 'GET' ? (request.url.split('?', 1)[0] ?? '/') : dataPath.replace('/data', '');
    const session = request.session ? { role: request.session.role, csrf: request.session.csrfToken } : null;
    const live = here === '/' ? dataPath : `/data${here}`;
    const frame = { words, filters, assets, session, path: here, dataPath: live, liveSeconds };
    return reply.headers(pageHeaders).send(renderPage(built, frame));
  };

  const page = (path: string, dataPath: string, build: Build): void => {
    app.get(path, read, async (request, reply) => {
      const asked = ask(request);
      return send(request, reply, asked, await build(asked, request), dataPath);
    });
    app.get(dataPath, read, async (request, reply) => {
      const body = renderContent(await build(ask(request), request));
      const etag = etagOf(body);
      reply.headers({ etag, 'cache-control': 'private, no-cache', 'content-type': 'application/json; charset=utf-8' });
      return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(body);
    });
  };

  page('/', '/data/overview', async (asked) => {
    const dashboard = dashboardNamed(dashboards, 'overview');
    return { title: asked.words.text(dashboard.title), content: await overviewContent({ ...asked, dashboard }) };
  });
  page('/campaigns/:id', '/data/campaigns/:id', async (asked, request) => {
    const dashboard = dashboardNamed(dashboards, 'campaign');
    const { id } = request.params as { id: string };
    const campaign = await warehouse.campaign(id);
    if (campaign === null)
      throw new SluiceError('not_found', { detail: `no campaign "${id}" is registered or seen in messages` });
    const brake = scopeOf(control, scopeId('campaign', id), asked.words.language);
    const parent = { label: asked.words.t('campaign.back'), path: '/' };
    return {
      title: campaign.name ?? campaign.campaign_id,
      parent,
      content: await campaignContent({ ...asked, dashboard }, campaign, brake),
    };
  });
  page('/experiments', '/data/experiments', async ({ words }) => {
    const verdicts = await warehouse.experiments(now().getTime());
    return { title: words.t('experiments.title'), timeless: true, content: experimentsContent({ verdicts, words }) };
  });
  page('/experiments/:id', '/data/experiments/:id', async ({ words }, request) => {
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
  const controlPage = async (request: FastifyRequest, { words }: Asked, refused?: ControlAsk['refused']): Promise<Page> => {
    const csrf = request.session && mayDo(request.session.role, 'overrideControl') ? request.session.csrfToken : null;
    const asked = { control, warehouse, words, now: now(), csrf };
    const content = await controlContent(refused === undefined ? asked : { ...asked, refused });
    return { title: words.t('control.title'), timeless: true, content };
  };
  page('/control', '/data/control', (asked, request) => controlPage(request, asked));
  controlForms(app, {
    control,
    warehouse,
    now,
    refuse: async (request, reply, refused) => {
      const asked = ask(request);
      return send(request, reply, asked, await controlPage(request, asked, refused), '/data/control');
    },
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

function dashboardNamed(dashboards: Map<string, LoadedDashboard>, name: string): Dashboard {
  const loaded = dashboards.get(name);
  if (loaded === undefined) throw new SluiceError('dashboard_invalid', { detail: `no file carries the name "${name}"` });
  if ('error' in loaded) {
    const { file, line, detail } = loaded.error;
    throw new SluiceError('dashboard_invalid', { detail: `${file}:${line}: ${detail}` });
  }
  return loaded.dashboard;
}

const languageCookie = 'sluice_lang';

/** `?lang=`, else the cookie that remembers it, else what the browser accepts. */
export function languageOf(request: FastifyRequest): Language {
  return chooseLanguage(askedLanguage(request) ?? request.cookies[languageCookie], request.headers['accept-language']);
}

/** Remembers a language that was asked for by `?lang=`, for a year. */
export function rememberLanguage(request: FastifyRequest, reply: FastifyReply): void {
  const language = askedLanguage(request);
  if (language === undefined) return;
  reply.setCookie(languageCookie, language, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: 31_536_000 });
}

function askedLanguage(request: FastifyRequest): Language | undefined {
  const { lang } = request.query as Record<string, unknown>;
  return typeof lang === 'string' && isLanguage(lang) ? lang : undefined;
}
