import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { SluiceError } from '../../sql/errors.ts';
import type { Desk } from './desk.ts';

interface Tools {
  line(text: string): void;
  atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T>;
}
interface Named {
  contact?: string;
  phone?: string;
  user?: string;
}

const namesOf = ({ contact, phone, user }: Named) => {
  if ((contact ?? phone ?? user) === undefined)
    throw new SluiceError('person_unnamed', { detail: '--contact, --phone or --user' });
  return { contact_id: contact, phone, user_id: user };
};

const named = (command: Command) =>
  command
    .option('--contact <id>', 'your own id of the contact')
    .option('--phone <number>', 'in international form')
    .option('--user <id>', 'business-scoped user id');

/** `sluice forget`, `sluice person` and `sluice sweep`. */
export function addPrivacy(program: Command, { line, atDesk }: Tools): void {
  named(program.command('forget'))
    .description('forget a person everywhere; the counts stay')
    .option('--later', 'only note it: the next sweep, within a day, carries it out')
    .action((options: Named & { later?: boolean }) =>
      atDesk(async (desk) => {
        const { request_id, names } = await desk.forget(namesOf(options));
        line(`Noted as ${request_id}: ${names} ids and numbers.`);
        if (options.later) return line('The next sweep, within a day, rewrites what is kept.');
        return line(sweepText(await desk.sweep()));
      }),
    );
  named(program.command('person'))
    .description('all that is held on one person, as JSON')
    .option('--records', 'also the parts of raw records that name them; reads the whole history')
    .option('--out <file>', 'where to; standard output unless told')
    .action((options: Named & { records?: boolean; out?: string }) =>
      atDesk(async (desk) => {
        const text = JSON.stringify(await desk.heldOn(namesOf(options), options.records ?? false), null, 2);
        if (options.out === undefined) line(text);
        else await writeFile(options.out, `${text}\n`, { mode: 0o600, flag: 'wx' });
      }),
    );
  program
    .command('sweep')
    .description('carry out what waits: forgetting, and letting data age out by the settings SLUICE_RETENTION_*')
    .action(() => atDesk(async (desk) => line(sweepText(await desk.sweep()))));
}

function sweepText(done: Awaited<ReturnType<Desk['sweep']>>): string {
  const rebuilt =
    done.records === 0 ? 'the warehouse stayed as it was' : `the warehouse was made anew of ${done.records} records`;
  return `${done.requests} requests carried out, ${done.archive_files} files of the archive rewritten, ${rebuilt}.`;
}
