import { render } from 'preact-render-to-string';
import type { Language } from '../../dashboards/locales/locale.ts';
import { sharedAssets } from './assets.ts';
import { Layout } from './view/layout.tsx';
import { makeWords } from './words.ts';

/**
 * The page to sign in on, as HTML (send it with `pageHeaders`). Its form posts `token` and `_csrf` to /login.
 * `error` is shown as it is when it is text; `true` says that the token is not known.
 */
export function renderLogin({
  error,
  csrf,
  language = 'en',
}: {
  error?: string | boolean;
  csrf: string;
  language?: Language;
}): string {
  const words = makeWords(language, 'UTC');
  const { t } = words;
  const message = error === true ? t('login.failed') : error || null;
  const page = (
    <Layout
      words={words}
      title={t('login.title')}
      assets={sharedAssets()}
      languageLinks={(other) => `/login?lang=${other}`}
      session={null}
      bare
    >
      <form method="post" action="/login" class="login">
        {message === null ? null : (
          <p class="problem" role="alert" id="login-error">
            {message}
          </p>
        )}
        <label for="token">{t('login.token')}</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autocomplete="current-password"
          autofocus
          aria-describedby={message === null ? 'login-help' : 'login-error login-help'}
        />
        <p class="quiet" id="login-help">
          {t('login.help')}
        </p>
        {csrf === '' ? null : <input type="hidden" name="_csrf" value={csrf} />}
        <button type="submit">{t('login.submit')}</button>
      </form>
    </Layout>
  );
  return `<!doctype html>${render(page)}`;
}
