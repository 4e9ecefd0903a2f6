import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { SluiceError } from '../../sql/errors.ts';
import { restoreBackup } from '../backup.ts';
import { loadConfig, unknownSettings } from '../config.ts';
import { DataFolder, places } from '../data-folder.ts';
import { version } from '../version.ts';
import { addCalc } from './calc.ts';
import { addControl } from './control.ts';
import { addDashboards } from './dashboards.ts';
import { addDemo } from './demo-command.ts';
import { type Desk, type ExportFormat, exists, openDesk } from './desk.ts';
import { diagnose } from './doctor.ts';
import { addLogGaps } from './log-gap.ts';
import { modelDocs, testModels } from './models.ts';
import { addPolicy } from './policy.ts';
import { addPrivacy } from './privacy.ts';
import { addReconcile } from './reconcile.ts';
import { textTable } from './table.ts';
import { addVerdict } from './verdict.ts';

/** Where a command reads its settings and writes its words. */
export interface Surroundings {
  env(): Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
}

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** Runs one command line (without node and script) and tells the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function run(args: string[], surroundings: Surroundings): Promise<number> {
  let code: number = exitCodes.ok;
  try {
    await buildProgram(surroundings, (failed) => {
      code = failed;
    }).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const unexpected = !(error instanceof SluiceError) || error.code === 'internal';
    // What nobody foresaw is shown whole, for the report that it deserves.
    surroundings.err(`sluice: ${error instanceof Error ? (unexpected && error.stack) || error.message : String(error)}\n`);
    return error instanceof SluiceError && error.code === 'config_invalid' ? exitCodes.usage : exitCodes.failed;
  }
}

function buildProgram({ env, out, err }: Surroundings, setCode: (code: number) => void): Command {
  const program = new Command('sluice');
  const line = (text: string) => out(`${text}\n`);
  const config = () => loadConfig(env());
  /** Does one thing at the data folder and leaves it as it was found: served or closed. */
  const atDesk = async <T>(work: (desk: Desk) => Promise<T>): Promise<T> => {
    const desk = await openDesk(config(), (text) => err(`${text}\n`));
    err(`${desk.via}\n`);
    try {
      return await work(desk);
    } finally {
      await desk.close();
    }
  };

  program
    .description('A self-hosted warehouse for WhatsApp Business campaigns that also holds the brake.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .showHelpAfterError('(see --help)')
    .addHelpText(
      'after',
      `
Settings come from the environment or a .env file; .env.example lists them all.
Commands that work on data ask the running server, or open the data folder themselves when none runs.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.

Examples:
  sluice demo                                       a filled Sluice with live campaigns, to look around
  sluice serve                                      the real thing
  sluice doctor                                     what is wrong, and how to mend it
  sluice explain spring                             why this campaign may send so much, and no more
  sluice verdict autumn-sale                        what an experiment has shown, and what to do next
  sluice pause spring --reason "wrong price"        the brake, by hand
  sluice export fact_message --format parquet --out messages.parquet`,
    );

  program
    .command('serve')
    .description('take webhooks and events, serve the API and the pages, until SIGTERM or SIGINT')
    .addOption(
      new Option('--role <role>', 'what this process is; receivers need Kafka (SLUICE_ROLE)').choices([
        'all',
        'receiver',
        'warehouse',
      ]),
    )
    .action(async ({ role }: { role?: string }) => {
      const { serve } = await import('./serve.ts');
      const given = role === undefined ? env() : { ...env(), SLUICE_ROLE: role };
      setCode(await serve(loadConfig(given), unknownSettings(given)));
    });

  addDemo(program, { config, out });
  addControl(program, { config, line });
  addPolicy(program, { config, line, fail: () => setCode(exitCodes.failed) });
  addVerdict(program, { config, line });
  addReconcile(program, { config, line });
  addModels(program, { line, out, atDesk, setCode, project: () => config().projectDir });
  program
    .command('init')
    .description('make a project folder: models, metrics, dashboards, segments and seeds of your own, with an example of each')
    .argument('[folder]', 'new or empty folder', '.')
    .action(async (folder: string) => {
      const { initProject } = await import('./project.ts');
      const path = resolve(folder);
      for (const file of initProject(path)) line(`  ${file}`);
      line(`A project is in ${path}. Set SLUICE_PROJECT_DIR=${path}, then: sluice check`);
    });
  program
    .command('check')
    .description('check every file of a project folder; mistakes are told with file, line and how to mend them')
    .argument('[folder]', 'the project folder (default: SLUICE_PROJECT_DIR, else this folder)')
    .action(async (folder?: string) => {
      const { checkProject } = await import('./project.ts');
      const path = folder === undefined ? (config().projectDir ?? resolve('.')) : resolve(folder);
      const mistakes = await checkProject(path);
      for (const { file, line: at, message, mend } of mistakes) line(`${file}:${at}: ${message}\n    ${mend}`);
      if (mistakes.length === 0) return line(`All files of ${path} are well.`);
      return setCode(exitCodes.failed);
    });

  addPrivacy(program, { line, atDesk });
  addDashboards(program, { config, line, err, fail: () => setCode(exitCodes.failed) });
  addLogGaps(program, { config, line });
  addCalc(program, { line, err, fail: () => setCode(exitCodes.failed) });

  const quarantine = program.command('quarantine').description('input that could not become facts');
  quarantine
    .command('list')
    .description('what is set aside, newest first, and why')
    .option('--limit <n>', 'most items to list', whole, 100)
    .option('--json', 'as JSON')
    .action(({ limit, json }: { limit: number; json?: boolean }) =>
      atDesk(async (desk) => {
        const rows = await desk.quarantineList(limit);
        if (json) return line(JSON.stringify(rows, null, 2));
        if (rows.length === 0) return line('The quarantine is empty.');
        const cells = rows.map((row) => [
          row.received_at,
          `${row.partition}:${row.offset}:${row.item}`,
          row.kind,
          row.reason,
          row.detail,
          row.excerpt.slice(0, 60),
        ]);
        return line(textTable(['received', 'place', 'kind', 'reason', 'detail', 'begins'], cells));
      }),
    );
  quarantine
    .command('replay')
    .description('try the items again, after a fix or an update')
    .action(() =>
      atDesk(async (desk) => {
        const { replayed, left } = await desk.quarantineReplay();
        line(`${replayed} became facts, ${left} are left.`);
      }),
    );

  program
    .command('rebuild')
    .description('make the warehouse anew from archive and log; the old one serves until the new one is done')
    .action(() =>
      atDesk(async (desk) => {
        const { records, seconds } = await desk.rebuild();
        line(`Rebuilt from ${records} records in ${seconds.toFixed(1)} s.`);
      }),
    );

  program
    .command('backup')
    .description('write a whole, consistent copy while everything runs')
    .argument('<folder>', 'new or empty folder; on the server when one runs')
    .action((folder: string) =>
      atDesk(async (desk) => {
        const { files, bytes } = await desk.backup(folder);
        line(`${files} files, ${bytes} bytes in ${resolve(folder)}.`);
      }),
    );

  program
    .command('restore')
    .description('put a backup into the data folder, which must be new or empty; no server may run')
    .argument('<folder>', 'a folder written by "sluice backup"')
    .action(async (folder: string) => {
      const { dataDir } = config();
      const { files, bytes } = await restoreBackup(resolve(folder), dataDir);
      // Opened once, so that a folder that cannot be served is told now.
      await (await DataFolder.open(dataDir)).close();
      line(`${files} files, ${bytes} bytes restored into ${dataDir}. Start with "sluice serve"; it catches up from the log.`);
    });

  program
    .command('export')
    .description('write one whole table to a file')
    .argument('<table>', 'a fact, dimension or mart, e.g. fact_message')
    .addOption(new Option('--format <format>', 'of the file').choices(['csv', 'parquet', 'arrow']).default('csv'))
    .option('--out <file>', 'where to; "-" is standard output (default: <table>.<format>)')
    .option('--force', 'write over a file that is there')
    .action(async (table: string, { format, out: given, force }: { format: ExportFormat; out?: string; force?: boolean }) => {
      const file = given ?? `${table}.${format}`;
      if (file !== '-' && !force && (await exists(file))) {
        throw new SluiceError('export_invalid', { detail: `${file} is there already; --force writes over it` });
      }
      await atDesk(async (desk) => {
        const { rows } = await desk.exportTable(table, format, file === '-' ? null : file);
        err(`${rows} rows of ${table} in ${file === '-' ? 'standard output' : file}\n`);
      });
    });

  program
    .command('snapshot')
    .description('copy the marts to Parquet files in a folder of their own, for any tool to read; no person is in them')
    .action(() =>
      atDesk(async (desk) => {
        const { name, tables, rows } = await desk.snapshot();
        line(`${tables} tables, ${rows} rows in ${resolve(places(config().dataDir).snapshots, name)}.`);
      }),
    );

  program
    .command('doctor')
    .description('look at configuration, disk, rights, clock, files and log lag, and say what to mend')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const checks = await diagnose(env(), () => new Date());
      if (json) line(JSON.stringify(checks, null, 2));
      else
        line(
          textTable(
            ['', '', ''],
            checks.map(({ name, outcome, detail }) => [outcome, name, detail]),
          ),
        );
      if (checks.some(({ outcome }) => outcome === 'fail')) setCode(exitCodes.failed);
    });
  return program;
}

interface Tools {
  line(text: string): void;
  out(text: string): void;
  atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T>;
  setCode(code: number): void;
  /** The user's own files. */
  project(): string | null;
}

function addModels(program: Command, { line, out, atDesk, setCode, project }: Tools): void {
  const models = program.command('models').description('the SQL models behind the metrics');
  models
    .command('build')
    .description('bring the models up to date')
    .option('--full', 'build everything anew instead of what changed')
    .action(({ full }: { full?: boolean }) =>
      atDesk(async (desk) => {
        const built = await desk.buildModels(full ?? false);
        if (built.length === 0) line('Nothing changed; the models are current.');
        else
          line(
            textTable(
              ['model', 'outcome', 'rows', 'message'],
              built.map(({ model, outcome, rows, message }) => [model, outcome, rows, message]),
            ),
          );
        if (built.some(({ outcome }) => outcome !== 'ok')) setCode(exitCodes.failed);
      }),
    );
  models
    .command('test')
    .description('check every model and metric file: read, link, build on an empty warehouse, audit')
    .option('--seeds <folder>', 'check your own rate cards, exchange rates and so on in this folder as well')
    .action(async ({ seeds }: { seeds?: string }) => {
      const results = await testModels(seeds === undefined ? null : resolve(seeds));
      line(
        textTable(
          ['file', 'outcome', 'message'],
          results.map(({ file, outcome, message }) => [file, outcome, message]),
        ),
      );
      if (results.some(({ outcome }) => outcome !== 'ok')) setCode(exitCodes.failed);
    });
  models
    .command('docs')
    .description('describe models and metrics as Markdown')
    .option('--columns', 'tell also from which columns each column and each metric comes, which takes some seconds')
    .action(async ({ columns }: { columns?: boolean }) => out(await modelDocs(project(), columns)));
}

function whole(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 99999.');
  return Number(text);
}
