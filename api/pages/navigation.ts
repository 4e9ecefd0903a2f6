import type { Dashboards } from './dashboard-files.ts';
import type { PageLink } from './view/layout.tsx';
import type { Words } from './words.ts';

/** Pages that are no dashboards, with their place among those that are. */
const others = [
  { href: '/experiments', key: 'nav.experiments', order: 20 },
  { href: '/control', key: 'nav.control', order: 60 },
] as const;

/** The pages of the navigation, in order; `path` is where the reader is. */
export function navigation(dashboards: Dashboards, path: string, words: Words): PageLink[] {
  const files = [...dashboards.values()].flatMap((loaded) => {
    if (!('dashboard' in loaded) || loaded.dashboard.scope !== 'all') return [];
    const { name, title, order } = loaded.dashboard;
    return [{ href: name === 'overview' ? '/' : `/dashboards/${name}`, label: words.text(title), order }];
  });
  const all = [...files, ...others.map(({ href, key, order }) => ({ href, label: words.t(key), order }))];
  return all
    .sort((a, b) => a.order - b.order || a.label.localeCompare(b.label, words.language))
    .map(({ href, label }) => ({ href, label, here: href === path }));
}
