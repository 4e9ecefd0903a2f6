import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../controller/policy.ts';
import { readPolicy } from '../../../controller/policy-book.ts';
import { readPolicyFile, withFile } from '../../../controller/policy-file.ts';

const read = (...lines: string[]) => readPolicyFile(lines.join('\n'));
const problems = (...lines: string[]) => read(...lines).problems.map(({ severity, line, path }) => `${severity} ${line} ${path}`);

describe('a policy file', () => {
  it('that says nothing but its version gives the defaults, which follow the platform’s practice', () => {
    const { file, problems: found } = read('version: "1"');
    expect(found).toEqual([]);
    expect(file).toMatchObject({ version: '1', account: defaultPolicy, deliveryWarning: 0.92 });
    expect(file?.account).toMatchObject({
      guardrails: { failure: 0.15 }, // delivery of 85 % is the floor
      marketing_gap_hours: 24,
      quiet_hours: { from: '21:00', to: '08:00' },
      pace: { number_per_second: 80 },
    });
  });

  it('changes what it names and nothing else, for the account and on top of that for a campaign', () => {
    const { file } = read(
      'version: "2"',
      'account:',
      '  mode: shadow',
      '  window: {start: 100}',
      'campaigns:',
      '  autumn:',
      '    mode: enforce',
      '    window: {most: 5000}',
    );
    expect(file?.account).toEqual({ ...defaultPolicy, mode: 'shadow', window: { ...defaultPolicy.window, start: 100 } });
    const campaign = readPolicy(file?.account ?? defaultPolicy, file?.campaigns.get('autumn')).data;
    expect(campaign).toEqual({ ...file?.account, mode: 'enforce', window: { ...defaultPolicy.window, start: 100, most: 5000 } });
  });

  it('spreads an audience over twelve hours unless it says otherwise, and keeps a slower pace that it names', () => {
    const { file } = read(
      'version: "3"',
      'campaigns:',
      '  a: {audience: 43200}', // 12 h are 43,200 seconds: 1 a second
      '  b: {audience: 43200, window_hours: 6}', // twice as fast
      '  c: {audience: 43200, pace: {campaign_per_second: 0.5}}',
    );
    expect(['a', 'b', 'c'].map((name) => file?.campaigns.get(name))).toEqual([
      { pace: { campaign_per_second: 1 } },
      { pace: { campaign_per_second: 2 } },
      { pace: { campaign_per_second: 0.5 } },
    ]);
  });

  it('is refused with the line of each thing that is wrong', () => {
    expect(
      problems(
        'version: "4"',
        'account:',
        '  mode: off',
        '  windw: {start: 5}',
        '  quiet_hours:',
        '    from: 9 pm',
        '    to: "08:00"',
        'campaigns:',
        '  autumn:',
        '    window_hours: 1000',
        '    detectors:',
        '      opt_out: {accept: 0.05, reject: 0.02}',
        'alarms: {}',
      ),
    ).toEqual(['error 13 alarms']);
    expect(
      problems(
        'version: "4"',
        'account:',
        '  mode: off',
        '  windw: {start: 5}',
        '  quiet_hours:',
        '    from: 9 pm',
        '    to: "08:00"',
        'campaigns:',
        '  autumn:',
        '    window_hours: 1000',
        '    detectors:',
        '      opt_out: {accept: 0.05, reject: 0.02}',
      ),
    ).toEqual([
      'error 3 account.mode',
      'error 4 account.windw',
      'error 6 account.quiet_hours.from',
      'error 10 campaigns.autumn.window_hours',
      'error 12 campaigns.autumn.detectors.opt_out.reject',
    ]);
  });

  it('does not pass over a misspelt setting, however deep it stands', () => {
    const given = ['version: "4"', 'account:', '  window: {strat: 5}', 'campaigns:', '  a:', '    pace: {campaign_per_secnd: 1}'];
    expect(problems(...given)).toEqual(['error 3 account.window.strat', 'error 6 campaigns.a.pace.campaign_per_secnd']);
    expect(read(...given).file).toBeNull();
  });

  it('that is no YAML is told with its line as well, and one without a version with what is missing', () => {
    expect(read('version: "5"', 'account: {mode: [}').problems[0]).toMatchObject({ severity: 'error', line: 2 });
    expect(read('account: {}').problems[0]).toMatchObject({ path: 'version', message: expect.stringContaining('is needed') });
    expect(read('').file).toBeNull();
  });

  it('is warned of where it is looser than the platform’s practice, and holds all the same', () => {
    const given = [
      'version: "6"',
      'account:',
      '  guardrails: {failure: 0.3}',
      '  marketing_gap_hours: 6',
      '  quiet_hours: null',
      'campaigns:',
      '  flash: {pace: {campaign_per_second: 200}}',
    ];
    expect(problems(...given)).toEqual([
      'warning 3 account.guardrails.failure',
      'warning 4 account.marketing_gap_hours',
      'warning 5 account.quiet_hours',
      'warning 7 campaigns.flash.pace.campaign_per_second',
    ]);
    expect(read(...given).file?.account.marketing_gap_hours).toBe(6);
  });

  it('stands over what campaigns were registered with, setting by setting', () => {
    const registered = [
      { campaign_id: 'a', policy: { window: { start: 10, most: 20 } } },
      { campaign_id: 'b', policy: { dwell_minutes: 5 } },
    ];
    const file = new Map([
      ['a', { window: { start: 99 } }],
      ['c', { mode: 'shadow' }],
    ]);
    expect(withFile(registered, file)).toEqual([
      { campaign_id: 'a', policy: { window: { start: 99, most: 20 } } },
      { campaign_id: 'b', policy: { dwell_minutes: 5 } },
      { campaign_id: 'c', policy: { mode: 'shadow' } },
    ]);
  });
});
