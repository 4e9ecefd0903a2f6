import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { Assets } from './assets.ts';
import { type Filters, filterParams } from './filters.ts';
import { type Choice, Controls } from './view/controls.tsx';
import { Layout, type LayoutProps, type PageLink } from './view/layout.tsx';
import type { Words } from './words.ts';

/** A page as it is built for one reader. */
export interface Page {
  title: string;
  content: VNode;
  /** True for a page that shows what is now: it has no time range. */
  timeless?: true;
  /** What its reader may narrow it by. */
  choices?: readonly Choice[];
  /** What it can be compared with. */
  rivals?: readonly Choice['values'][number][];
  /** False for a page that says nothing of the period before. */
  comparable?: boolean;
  /** The page's parent, by the name of its link. */
  parent?: { label: string; path: string };
}

export interface Frame {
  words: Words;
  filters: Filters;
  assets: Assets;
  session: LayoutProps['session'];
  /** The path of this page, and of its content as JSON. */
  path: string;
  dataPath: string;
  liveSeconds: number;
  pages: readonly PageLink[];
}

/** The whole document. */
export function renderPage(
  { title, content, timeless, parent, choices = [], rivals = [], comparable = true }: Page,
  frame: Frame,
): string {
  const { words, filters, assets, session, path, dataPath, liveSeconds, pages } = frame;
  const html = render(
    <Layout
      words={words}
      title={title}
      assets={assets}
      pages={pages}
      languageLinks={(lang) => `${path}${filterParams(filters, { lang })}`}
      session={session}
      live={{
        url: `${dataPath}${filterParams(filters, { lang: words.language })}`,
        seconds: liveSeconds,
        words: { on: words.t('live.on'), off: words.t('live.off'), paused: words.t('live.paused') },
      }}
      {...(parent === undefined
        ? {}
        : { parent: { label: parent.label, href: `${parent.path}${filterParams({ ...filters, sort: null })}` } })}
      controls={
        timeless ? null : <Controls filters={filters} words={words} choices={choices} rivals={rivals} comparable={comparable} />
      }
    >
      {content}
    </Layout>,
  );
  return `<!doctype html>${html}`;
}

/**
 * What a live update carries: the content alone, without what is for readers without script. Parsed as a fragment, a
 * `<source media>` in it would hold the whole fragment for as long as the page lives: it listens to its media query
 * (https://html.spec.whatwg.org/multipage/scripting.html#the-noscript-element: in a fragment its content is elements).
 */
export function renderContent({ content }: Page): string {
  return JSON.stringify({ content: render(content).replace(/<noscript[\s\S]*?<\/noscript>/g, '') });
}
