import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../../api/commands/progress-line.ts';

function screenOf(isTTY: boolean) {
  const written: string[] = [];
  return { written, line: new ProgressLine({ isTTY, write: (text) => written.push(text) }) };
}

describe('progress', () => {
  it('is a plain line for every tenth where there is no terminal, and begins anew with each task', () => {
    const { written, line } = screenOf(false);
    for (let step = 0; step <= 100; step++) line.show(step / 100, `filling: ${step} posts`);
    line.show(0.55, 'turning the log into facts');
    line.show(0.58, 'turning the log into facts');
    line.end('Done.');
    expect(written).toHaveLength(13);
    expect(written.slice(0, 2)).toEqual(['  0 %  filling: 0 posts\n', ' 10 %  filling: 10 posts\n']);
    expect(written.slice(10)).toEqual(['100 %  filling: 100 posts\n', ' 55 %  turning the log into facts\n', 'Done.\n']);
  });

  it('is one line that is written over on a terminal, and at last replaced by the summary', () => {
    const { written, line } = screenOf(true);
    for (let step = 0; step <= 100; step++) line.show(step / 100, `filling: ${step} posts`);
    line.end('Done.');
    expect(written[0]).toBe('\r\u001b[2K  0 %  filling: 0 posts');
    expect(written.slice(0, -1).every((text) => text.startsWith('\r\u001b[2K') && !text.includes('\n'))).toBe(true);
    expect(written.length).toBeLessThan(100);
    expect(written.at(-1)).toBe('\r\u001b[2KDone.\n');
  });
});
