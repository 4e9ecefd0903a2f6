import { morph } from './morph.ts';

interface Settings {
  url: string;
  seconds: number;
  words: { on: string; off: string; paused: string };
}

/**
 * Looks every few seconds whether the content of this page changed, and puts the difference in. While the page is hidden it
 * rests; when the server cannot be reached it tries again, ever more slowly up to a minute; when the session ended it stops.
 */
export function followPage(changed: () => unknown): void {
  const text = document.querySelector('#live-settings')?.textContent;
  const content = document.querySelector('#content');
  const state = document.querySelector('#live-state');
  if (text === undefined || text === null || content === null || state === null) return;
  const { url, seconds, words } = JSON.parse(text) as Settings;
  let etag = '';
  let failures = 0;

  const say = (className: string, words: string) => {
    state.className = `live ${className}`;
    if (state.textContent !== words) state.textContent = words;
  };
  const look = async (): Promise<boolean> => {
    // `no-store`: the browser's own cache would turn a 304 into a 200.
    const answer = await fetch(url, {
      headers: etag === '' ? {} : { 'if-none-match': etag },
      cache: 'no-store',
      redirect: 'error',
    });
    if (answer.status === 401 || answer.status === 403) {
      say('paused', words.paused);
      return false;
    }
    if (answer.status !== 304 && !answer.ok) throw new Error(`status ${answer.status}`);
    // Read in any case: Chromium counts an answer that nobody reads as aborted.
    const text = await answer.text();
    failures = 0;
    say('on', words.on);
    if (answer.status !== 304) {
      etag = answer.headers.get('etag') ?? '';
      const template = document.createElement('template');
      template.innerHTML = (JSON.parse(text) as { content: string }).content;
      morph(content, template.content);
      await changed();
    }
    return true;
  };
  const loop = async (): Promise<void> => {
    if (!document.hidden) {
      try {
        if (!(await look())) return;
      } catch {
        failures += 1;
        say('off', words.off);
      }
    }
    setTimeout(() => void loop(), Math.min(60, seconds * 2 ** Math.min(failures, 6)) * 1000);
  };
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && failures === 0) void look().catch(() => undefined);
  });
  setTimeout(() => void loop(), seconds * 1000);
}
