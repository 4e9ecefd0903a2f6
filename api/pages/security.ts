/**
 * The policy of every page: nothing from outside, no inline script or style, no eval. The charts keep to it: Vega runs its
 * expressions through the AST interpreter and sets styles through the CSSOM, which style-src does not restrict
 * (https://www.w3.org/TR/CSP3/#directive-style-src; test/browser holds it).
 */
export const contentSecurityPolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every page. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'private, no-cache',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};
