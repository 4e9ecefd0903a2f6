import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SluiceError } from '../../sql/errors.ts';
import type {} from '../auth.ts';
import { type ControlRoom, campaignBrake } from '../control-view.ts';
import type { Forecaster } from '../forecaster.ts';
import type { Role } from '../roles.ts';
import type { CampaignDetail, Warehouse } from '../warehouse.ts';
import type { WorkerPool } from '../worker-pool.ts';
import { etagOf } from './assets.ts';
import { campaignSpan } from './campaign-span.ts';
import { type Ask, dashboardContent } from './content.tsx';
import type { Dashboard } from './dashboard.ts';
import type { Dashboards } from './dashboard-files.ts';
import { grainsFor, readFilters } from './filters.ts';
import { languageOf } from './language.ts';
import type { Page } from './page.tsx';
import { panelFile } from './panel-files.ts';
import { makeWords } from './words.ts';

interface Parts {
  warehouse: Warehouse;
  control: ControlRoom;
  pool: WorkerPool | null;
  forecaster: Forecaster | null;
  now: () => Date;
  dashboards: () => Dashboards;
}

/** How a page and its content as JSON are served; given by the plugin. */
type Serve = (path: string, dataPath: string, build: (request: FastifyRequest) => Promise<Page>, mark?: Mark) => void;
/** A text that changes whenever the content may; null when nobody can tell without making it. */
export type Mark = (request: FastifyRequest) => Promise<string | null>;

/** The pages that are dashboards: `/`, `/campaigns/:id`, `/dashboards/:name`, and the files of their panels under `/data/…`. */
export function dashboardPages(app: FastifyInstance, serve: Serve, parts: Parts): void {
  const { warehouse, control, pool, forecaster, now, dashboards } = parts;

  const ask = (request: FastifyRequest, dashboard: Dashboard, campaign: CampaignDetail | null, base: string): Ask => {
    const at = now();
    const read = readFilters(request.query as Record<string, unknown>, at, dashboard.filters);
    const filters = campaign === null ? read : { ...read, ...grainsOf(campaignSpan(campaign, read, at)) };
    const words = makeWords(languageOf(request), filters.zone);
    const brake = campaign === null ? null : campaignBrake(control, campaign.campaign_id, words.language);
    const role = (request.role ?? 'analyst') as Role;
    const origin = `${request.protocol}://${request.host}`;
    const offers = !request.url.startsWith('/data/');
    return { warehouse, control, forecaster, dashboard, filters, words, now: at, role, campaign, origin, base, brake, offers };
  };
  const chosen = async (request: FastifyRequest): Promise<Ask> => {
    const { id, name } = request.params as { id?: string; name?: string };
    if (id !== undefined) {
      const campaign = await warehouse.campaign(id);
      if (campaign === null)
        throw new SluiceError('not_found', { detail: `no campaign "${id}" is registered or seen in messages` });
      return ask(request, dashboardNamed(dashboards(), 'campaign'), campaign, `/data/campaigns/${encodeURIComponent(id)}`);
    }
    if (name === undefined) return ask(request, dashboardNamed(dashboards(), 'overview'), null, '/data/overview');
    if (name === 'campaign' || !dashboards().has(name)) throw new SluiceError('not_found', { detail: `no dashboard "${name}"` });
    return ask(request, dashboardNamed(dashboards(), name), null, `/data/dashboards/${name}`);
  };
  const build = async (request: FastifyRequest): Promise<Page> => {
    const asked = await chosen(request);
    const { dashboard, campaign, words } = asked;
    return {
      title: campaign === null ? words.text(dashboard.title) : (campaign.name ?? campaign.campaign_id),
      ...(dashboard.time === 'now' ? { timeless: true as const } : {}),
      ...(campaign === null ? {} : { parent: { label: words.t('campaign.back'), path: '/' } }),
      ...(await dashboardContent(asked)),
    };
  };
  /** Pages of metrics alone change when a model was built, when their file changes, and with the clock. */
  const mark: Mark = async (request) => {
    const { name, id } = request.params as { id?: string; name?: string };
    const loaded = dashboards().get(id !== undefined ? 'campaign' : (name ?? 'overview'));
    if (id !== undefined || loaded === undefined || !('dashboard' in loaded)) return null;
    if (loaded.dashboard.panels.some(({ chart }) => chart === 'source')) return null;
    try {
      const built = await warehouse.buildMark();
      const quarter = Math.floor(now().getTime() / 900_000);
      return etagOf([request.url, languageOf(request), quarter, JSON.stringify(loaded.dashboard), built].join('\n'));
    } catch (error) {
      if (error instanceof SluiceError) return null;
      throw error;
    }
  };

  serve('/', '/data/overview', build, mark);
  serve('/campaigns/:id', '/data/campaigns/:id', build);
  serve('/dashboards/:name', '/data/dashboards/:name', build, mark);

  const file = async (request: FastifyRequest, reply: FastifyReply) => {
    const asked = await chosen(request);
    const { file: wanted } = request.params as { file: string };
    const scheme = (request.query as Record<string, unknown>)['scheme'] === 'dark' ? 'dark' : 'light';
    const { type, bytes, name } = await panelFile(asked, wanted, { pool, scheme });
    const disposition = type.startsWith('image/') ? 'inline' : 'attachment';
    reply.headers({
      'content-type': type,
      'content-disposition': `${disposition}; filename="${name}"`,
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      etag: etagOf(bytes),
    });
    return request.headers['if-none-match'] === etagOf(bytes) ? reply.status(304).send() : reply.send(Buffer.from(bytes));
  };
  const read = { config: { right: 'read' }, schema: { hide: true } } as const;
  for (const path of ['/data/overview', '/data/campaigns/:id', '/data/dashboards/:name']) app.get(`${path}/:file`, read, file);
}

const grainsOf = ([start, end]: [number, number]) => grainsFor(new Date(start), new Date(end));

function dashboardNamed(dashboards: Dashboards, name: string): Dashboard {
  const loaded = dashboards.get(name);
  if (loaded === undefined) throw new SluiceError('dashboard_invalid', { detail: `no file carries the name "${name}"` });
  if ('error' in loaded) {
    const { file, line, detail } = loaded.error;
    throw new SluiceError('dashboard_invalid', { detail: `${file}:${line}: ${detail}` });
  }
  return loaded.dashboard;
}
