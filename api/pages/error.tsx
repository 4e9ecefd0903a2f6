import { render } from 'preact-render-to-string';
import type { Language } from '../../dashboards/locales/locale.ts';
import { sharedAssets } from './assets.ts';
import { Layout } from './view/layout.tsx';
import { makeWords } from './words.ts';

/** What an error page says. */
export interface ErrorView {
  status: number;
  title: string;
  detail?: string | undefined;
  /** The language of the detail, where it is not that of the page. */
  detailLanguage?: Language;
  mend: string;
  /** For the log: code and request id, shown small. */
  reference?: string;
  language?: Language;
}

/** An error as a page, as HTML (send it with `pageHeaders` and the status). */
export function renderError({ status, title, detail, mend, reference, language = 'en', detailLanguage }: ErrorView): string {
  const words = makeWords(language, 'UTC');
  const page = (
    <Layout words={words} title={title} assets={sharedAssets()} languageLinks={(other) => `/?lang=${other}`} session={null}>
      <section class="panel error">
        <p class="status">{status}</p>
        {detail === undefined ? null : (
          <p class="detail" lang={detailLanguage === language ? undefined : detailLanguage}>
            {detail}
          </p>
        )}
        <h2>{words.t('error.mend')}</h2>
        <p>{mend}</p>
        {reference === undefined ? null : <p class="quiet">{reference}</p>}
        <p>
          <a href="/">{words.t('error.home')}</a>
        </p>
      </section>
    </Layout>
  );
  return `<!doctype html>${render(page)}`;
}
