import { type Command, InvalidArgumentError } from 'commander';
import { scopeId, scopeKinds } from '../../controller/scope.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import type { Explanation, OverrideAnswer } from '../control-schema.ts';
import { readAnnouncement } from '../data-folder.ts';
import { operatorToken } from './desk.ts';
import { explanationText } from './explanation-text.ts';
import { RemoteClient } from './remote-client.ts';

interface Given {
  reason: string;
  for?: number;
  window?: number;
  perSecond?: number;
}

/** Adds `sluice explain`, `pause`, `resume`, `limit` and `lift`: all of them ask the running server, for it alone holds the brake. */
export function addControl(program: Command, { config, line }: { config: () => Config; line: (text: string) => void }): void {
  const asked = async <T>(work: (client: RemoteClient) => Promise<T>): Promise<T> => {
    const settings = config();
    const server = await readAnnouncement(settings.dataDir);
    if (server === null) throw new SluiceError('server_not_running', { detail: settings.dataDir });
    const client = new RemoteClient(server.url, operatorToken(settings));
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  const set = (action: 'pause' | 'resume' | 'limit', scope: string, given: Given) =>
    asked(async (client) => {
      const answer = await client.json<OverrideAnswer>('POST', '/v1/control/overrides', {
        scope,
        action,
        reason: given.reason,
        ...(given.for === undefined ? {} : { for_minutes: given.for }),
        ...(given.window === undefined ? {} : { window: given.window }),
        ...(given.perSecond === undefined ? {} : { per_second: given.perSecond }),
      });
      const { override, state } = answer;
      line(`${done[action]} ${override.scope} ${override.until === null ? 'until it is lifted' : `until ${override.until}`}.`);
      if (state !== null) line(`It is ${state.state} now: ${state.reason.sentence}`);
      line(`Take it back with: sluice lift ${override.override_id} --reason "…"`);
    });

  program
    .command('explain')
    .description('say where a campaign or any other scope stands, why, and what led there')
    .argument('<scope>', scopeHelp, scopeOf)
    .option('--json', 'as JSON, with all numbers')
    .addHelpText('after', examples('explain autumn-sale', 'explain stream:autumn-sale/autumn_sale/vip --json'))
    .action((scope: string, { json }: { json?: boolean }) =>
      asked(async (client) => {
        const answer = await client.json<Explanation>('GET', `/v1/control/explain/${encodeURIComponent(scope)}?lang=en`);
        line(json ? JSON.stringify(answer, null, 2) : explanationText(answer));
      }),
    );

  program
    .command('pause')
    .description('stop all sending of a scope: from now on nothing is granted there')
    .argument('<scope>', scopeHelp, scopeOf)
    .requiredOption('--reason <text>', 'why; it stands in the trail and in every refusal')
    .option('--for <time>', 'for so long, e.g. 30m, 2h, 3d; without it until it is lifted', minutes)
    .addHelpText('after', examples('pause autumn-sale --reason "wrong price in the picture" --for 2h'))
    .action((scope: string, given: Given) => set('pause', scope, given));

  program
    .command('resume')
    .description('end a pause, an operator’s or the controller’s: it begins anew with a small probe')
    .argument('<scope>', scopeHelp, scopeOf)
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .option('--for <time>', 'forget it after so long, e.g. 2h', minutes)
    .addHelpText('after', examples('resume autumn-sale --reason "list cleaned, bought addresses removed"'))
    .action((scope: string, given: Given) => set('resume', scope, given));

  program
    .command('limit')
    .description('set a ceiling on what a scope may have out, or on its pace')
    .argument('<scope>', scopeHelp, scopeOf)
    .option('--window <n>', 'most messages out without matured feedback', positive)
    .option('--per-second <n>', 'most messages a second', positiveNumber)
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .option('--for <time>', 'for so long, e.g. 30m, 2h, 3d; without it until it is lifted', minutes)
    .addHelpText('after', examples('limit autumn-sale --window 500 --per-second 5 --reason "support is short of people"'))
    .action((scope: string, given: Given) => set('limit', scope, given));

  program
    .command('lift')
    .description('take back what pause, resume or limit set')
    .argument('<override>', 'its id, as the command or the control room showed it')
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .action((id: string, { reason }: Given) =>
      asked(async (client) => {
        await client.json('DELETE', `/v1/control/overrides/${encodeURIComponent(id)}`, { reason });
        line(`Lifted ${id}.`);
      }),
    );
}

const done = { pause: 'Paused', resume: 'Resumed', limit: 'Limited' } as const;
const scopeHelp = `a campaign's id, or <kind>:<id> with a kind of ${scopeKinds.join(', ')}`;
const examples = (...lines: string[]) =>
  `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((text) => `  sluice ${text}`).join('\n')}`;

/** A campaign's id alone means the campaign. */
function scopeOf(text: string): string {
  return scopeKinds.some((kind) => text.startsWith(`${kind}:`)) ? text : scopeId('campaign', text);
}

/** `90m`, `2h`, `3d` as minutes. */
function minutes(text: string): number {
  const match = /^([1-9][0-9]{0,5})(m|h|d)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It is a time like 30m, 2h or 3d.');
  return Number(match[1]) * { m: 1, h: 60, d: 1440 }[match[2] as 'm' | 'h' | 'd'];
}

function positive(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number of at least 1.');
  return Number(text);
}

function positiveNumber(text: string): number {
  if (!/^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It is a number above 0.');
  return Number(text);
}
