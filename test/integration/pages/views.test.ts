import { describe, expect, it } from 'vitest';
import { renderError } from '../../../api/pages/error.tsx';
import { renderLogin } from '../../../api/pages/login.tsx';

describe('the page to sign in on', () => {
  it('posts the token to /login and says what went wrong', () => {
    const html = renderLogin({ error: true, csrf: 'a"b' });
    expect(html).toContain('<form method="post" action="/login"');
    expect(html).toContain('value="a&quot;b"');
    expect(html).toMatch(/role="alert"[^>]*>This token is not known/);
    expect(renderLogin({ csrf: '' })).not.toMatch(/_csrf|role="alert"/);
    expect(renderLogin({ csrf: '', language: 'fr' })).toContain('Jeton d’accès');
  });
});

describe('the page of an error', () => {
  it('says what, and how to mend it, as text', () => {
    const html = renderError({ status: 404, title: 'There is nothing here', detail: 'no <b>', mend: 'Check the address.' });
    expect(html).toContain('404');
    expect(html).toContain('no &lt;b>');
    expect(html).toContain('Check the address.');
  });
});
