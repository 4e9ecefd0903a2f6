import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseLanguage, isLanguage, type Language } from '../../dashboards/locales/locale.ts';

const languageCookie = 'sluice_lang';

/** `?lang=`, else the cookie that remembers it, else what the browser accepts. */
export function languageOf(request: FastifyRequest): Language {
  // An address that cannot be read is refused before cookies and query are looked at.
  const { cookies = {} } = request as Partial<Pick<FastifyRequest, 'cookies'>>;
  return chooseLanguage(askedLanguage(request) ?? cookies[languageCookie], request.headers['accept-language']);
}

/** Remembers a language that was asked for by `?lang=`, for a year. */
export function rememberLanguage(request: FastifyRequest, reply: FastifyReply): void {
  const language = askedLanguage(request);
  if (language === undefined) return;
  reply.setCookie(languageCookie, language, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: 31_536_000 });
}

function askedLanguage(request: FastifyRequest): Language | undefined {
  const { lang } = (request.query ?? {}) as Record<string, unknown>;
  return typeof lang === 'string' && isLanguage(lang) ? lang : undefined;
}
