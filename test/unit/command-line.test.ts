import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import { textTable } from '../../api/commands/table.ts';

const tokens = 'admin:0123456789abcdef';

describe('the command line', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-command-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs a command line and tells its exit code and words. */
  async function sluice(args: string[], env: Record<string, string> = {}) {
    let out = '';
    let err = '';
    const code = await run(args, {
      env: () => ({ SLUICE_DATA_DIR: join(folder, 'data'), ...env }),
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }

  it('helps, and says what its exit codes mean', async () => {
    const { code, out } = await sluice(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'serve',
      'demo',
      'models',
      'quarantine',
      'rebuild',
      'backup',
      'restore',
      'export',
      'doctor',
      'explain',
      'pause',
      'resume',
      'limit',
      'lift',
      'calc',
      'Exit codes: 0 done, 1 failed, 2 wrong usage',
    ]) {
      expect(out).toContain(word);
    }
    expect((await sluice(['export', '--help'])).out).toContain('parquet');
    expect((await sluice(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['nonsense'], 'unknown command'],
    [['export'], "missing required argument 'table'"],
    [['export', 'fact_message', '--format', 'xls'], 'Allowed choices are csv, parquet, arrow'],
    [['quarantine', 'list', '--limit', 'all'], 'whole number'],
    [['backup', 'a', 'b'], 'too many arguments'],
    [['serve', '--fast'], "unknown option '--fast'"],
    [['pause', 'spring'], "required option '--reason <text>' not specified"],
    [['pause', 'spring', '--reason', 'why', '--for', 'ever'], 'a time like 30m, 2h or 3d'],
    [['limit', 'spring', '--reason', 'why', '--window', '0'], 'whole number of at least 1'],
    [['limit', 'spring', '--reason', 'why', '--per-second', '0'], 'a number above 0'],
  ])('%j is wrong usage: exit code 2', async (args, words) => {
    const { code, err } = await sluice(args);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });

  it('a wrong setting is exit code 2 and a sentence that names it', async () => {
    const { code, err } = await sluice(['serve'], { SLUICE_HTTP_PORT: 'x' });
    expect([code, err]).toEqual([2, expect.stringContaining('SLUICE_HTTP_PORT is not a port between 0 and 65535')]);
    expect((await sluice(['serve'])).err).toContain('SLUICE_TOKENS is empty');
  });

  it('a backup that is none is exit code 1', async () => {
    const { code, err } = await sluice(['restore', join(folder, 'nothing')]);
    expect([code, err]).toEqual([1, expect.stringContaining('This is not a Sluice backup')]);
  });

  it.each([[['explain', 'spring']], [['pause', 'spring', '--reason', 'why']], [['lift', 'some-id', '--reason', 'why']]])(
    '%j without a running server is exit code 1, and says so',
    async (args) => {
      const { code, err } = await sluice(args, { SLUICE_TOKENS: tokens });
      expect([code, err]).toEqual([1, expect.stringContaining('No server runs on this data folder')]);
    },
  );

  it('an export does not write over a file that is there', async () => {
    const file = join(folder, 'x.csv');
    await writeFile(file, 'precious');
    const { code, err } = await sluice(['export', 'fact_message', '--out', file]);
    expect([code, err]).toEqual([1, expect.stringContaining('--force')]);
  });

  describe('doctor', () => {
    const doctor = async (env: Record<string, string>) => {
      const { code, out } = await sluice(['doctor', '--json'], env);
      return { code, checks: JSON.parse(out) as { name: string; outcome: string; detail: string }[] };
    };

    it('names every wrong setting and what is misspelt', async () => {
      const { code, checks } = await doctor({ SLUICE_HTTP_PORT: 'x', SLUICE_MEMORY: 'y', SLUICE_HTPP_HOST: 'z' });
      expect(code).toBe(1);
      expect(checks.map(({ outcome, detail }) => `${outcome} ${detail.split(' ')[0]}`).sort()).toEqual([
        'fail SLUICE_HTTP_PORT',
        'fail SLUICE_MEMORY',
        'warn SLUICE_HTPP_HOST',
      ]);
    });

    it('is content with a new installation', async () => {
      await mkdir(join(folder, 'data'));
      const { code, checks } = await doctor({ SLUICE_TOKENS: tokens });
      expect(checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      expect(code).toBe(0);
      expect(checks.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['tokens', 'webhook', 'node', 'disk space', 'rights', 'clock', 'files', 'log lag']),
      );
      expect(checks).toContainEqual({ name: 'log lag', outcome: 'ok', detail: 'everything is applied' });
    });

    it('notices a clock that was set back', async () => {
      const log = join(folder, 'data', 'log');
      await mkdir(log, { recursive: true });
      await writeFile(join(log, 'note'), '');
      const tomorrow = new Date(Date.now() + 86_400_000);
      await utimes(join(log, 'note'), tomorrow, tomorrow);
      const { code, checks } = await doctor({ SLUICE_TOKENS: tokens });
      expect([code, checks.find(({ name }) => name === 'clock')]).toEqual([
        1,
        { name: 'clock', outcome: 'fail', detail: expect.stringContaining('in the future') },
      ]);
    });

    it('reads well', async () => {
      const { out } = await sluice(['doctor'], { SLUICE_TOKENS: tokens });
      expect(out).toMatch(/^ok +tokens +roles: admin$/m);
    });
  });
});

describe('a table on the terminal', () => {
  it('is aligned, and shows control characters instead of obeying them', () => {
    expect(
      textTable(
        ['a', 'bee'],
        [
          ['long', null],
          ['\u001b[2Jx', 1],
        ],
      ),
    ).toBe('a         bee\nlong\n\\x1b[2Jx  1');
  });
});
