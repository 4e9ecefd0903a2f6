import type { ComponentChildren } from 'preact';
import { languageNames, languages } from '../../../dashboards/locales/locale.ts';
import type { Assets } from '../assets.ts';
import type { Words } from '../words.ts';
import { JsonData } from './json-data.tsx';

/** What the browser client needs to know of the page. */
export interface LiveSettings {
  /** Address that answers the page's content as JSON. */
  url: string;
  /** Seconds between two looks. */
  seconds: number;
  words: { on: string; off: string; paused: string };
}

/** A page in the navigation. */
export interface PageLink {
  href: string;
  label: string;
  here: boolean;
}

export interface LayoutProps {
  words: Words;
  title: string;
  assets: Assets;
  /** Address of this page in each language. */
  languageLinks: (language: (typeof languages)[number]) => string;
  /** Who is signed in by a session; null without one. */
  session: { role: string; csrf: string } | null;
  live?: LiveSettings;
  /** Where this page belongs: a link above its title. */
  parent?: { label: string; href: string };
  /** The pages to go to, this one among them. */
  pages?: readonly PageLink[];
  /** Leaves the navigation out: for pages before the door. */
  bare?: boolean;
  /** Stands between heading and content, and is not touched by live updates. */
  controls?: ComponentChildren;
  children?: ComponentChildren;
}

/** The frame of every page: skip link, landmarks, navigation, one heading. */
export function Layout({
  words,
  title,
  assets,
  languageLinks,
  session,
  live,
  parent,
  pages = [],
  bare = false,
  controls,
  children,
}: LayoutProps) {
  const { t } = words;
  const [css, script, icon] = [assets.address('theme.css'), assets.address('client.js'), assets.address('icon.svg')];
  return (
    <html lang={words.language}>
      <head>
        <meta charset="utf-8" />
        <title>{`${title} · ${t('app.name')}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {icon === null ? null : <link rel="icon" href={icon} type="image/svg+xml" />}
        {css === null ? null : <link rel="stylesheet" href={css} />}
        {script === null || live === undefined ? null : <script src={script} type="module" />}
        {live === undefined ? null : <JsonData id="live-settings" data={live} />}
      </head>
      <body>
        <a class="skip" href="#main">
          {t('app.skip')}
        </a>
        <header class="site">
          <a class="brand" href="/">
            <Mark />
            {t('app.name')}
          </a>
          {bare ? null : (
            <nav aria-label={t('nav.label')} class="pages">
              {pages.length > 0 ? null : <a href="/">{t('nav.overview')}</a>}
              {pages.map(({ href, label, here }) => (
                <a key={href} href={href} aria-current={here ? 'page' : undefined}>
                  {label}
                </a>
              ))}
              <a href="/docs">{t('nav.api')}</a>
            </nav>
          )}
          <div class="aside">
            <nav aria-label={t('nav.language')} class="languages">
              {languages.map((language) => (
                <a
                  key={language}
                  href={languageLinks(language)}
                  lang={language}
                  aria-label={languageNames[language]}
                  aria-current={language === words.language ? 'true' : undefined}
                >
                  {language.toUpperCase()}
                </a>
              ))}
            </nav>
            {session === null ? null : (
              <form method="post" action="/logout" class="session">
                <span class="role">{t('nav.role', { role: session.role })}</span>
                <input type="hidden" name="_csrf" value={session.csrf} />
                <button type="submit" class="plain">
                  {t('nav.logout')}
                </button>
              </form>
            )}
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          {parent === undefined ? null : (
            <p class="parent">
              <a href={parent.href}>{parent.label}</a>
            </p>
          )}
          <div class="title">
            <h1>{title}</h1>
            {live === undefined ? null : <p id="live-state" class="live" role="status" />}
          </div>
          {controls}
          <div id="content">{children}</div>
        </main>
      </body>
    </html>
  );
}

/** A sluice gate: three streams, one held back. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d="M3 6h18M3 12h11M3 18h18" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" />
      <path d="M18 9v6" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" />
    </svg>
  );
}
