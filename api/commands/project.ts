import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { projectWords } from '../../ingest/word-file.ts';
import { loadCatalog } from '../../models/catalog.ts';
import type { Models } from '../../models/model-graph.ts';
import { type ProjectPart, projectFolders, projectParts } from '../../models/project.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import { checkUserSeed, userSeeds } from '../../models/user-seed.ts';
import { Database } from '../../sql/database.ts';
import { errorCatalogue, SluiceError } from '../../sql/errors.ts';
import { projectRoot, readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { checkDashboard } from '../pages/dashboard-check.ts';
import { dashboardFiles } from '../pages/dashboard-files.ts';

/** One thing that is wrong in a project folder: where, what, and how to mend it. */
export interface Mistake {
  /** From the project folder. */
  file: string;
  line: number;
  message: string;
  mend: string;
}

/**
 * Makes a project folder with one working example of each kind of file.
 * @returns the files, from the folder
 * @throws SluiceError `project_invalid` when the folder has something in it
 */
export function initProject(folder: string): string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new SluiceError('project_invalid', { detail: `${folder} is not empty; name a new or empty folder` });
  }
  mkdirSync(folder, { recursive: true });
  cpSync(join(projectRoot, 'sql/project'), folder, { recursive: true });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Reads, links, builds (on an empty warehouse in memory) and checks everything in a project folder; all mistakes, in order of file. */
export async function checkProject(folder: string): Promise<Mistake[]> {
  if (!existsSync(folder)) throw new SluiceError('project_invalid', { detail: `there is no folder ${folder}` });
  const mistakes = [
    ...strays(folder),
    ...wordMistakes(folder),
    ...seedMistakes(folder),
    ...(await modelMistakes(folder)),
    ...loadCatalog('sql/metrics', 'sql/models', folder).problems.map((problem) => ofError(folder, problem)),
    ...dashboardMistakes(folder),
  ];
  return mistakes.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

const endings: Record<ProjectPart, string> = {
  models: '.sql',
  segments: '.sql',
  metrics: '.yaml',
  dashboards: '.yaml',
  seeds: '.csv',
};

/** Folders and files that nothing would read: most likely misspelt. */
function strays(folder: string): Mistake[] {
  const mend = `Rename it; a project has the folders ${projectParts.join(', ')}, each with files of one kind.`;
  const stray = (file: string, message: string): Mistake => ({ file, line: 1, message, mend });
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    const part = projectParts.find((name) => name === entry.name);
    if (part === undefined) return [stray(entry.name, 'is no folder of a project')];
    return readdirSync(join(folder, part))
      .filter((name) => !name.startsWith('.') && !name.endsWith(endings[part]) && !name.endsWith('.md'))
      .map((name) => stray(join(part, name), `does not end in ${endings[part]}`));
  });
}

function wordMistakes(folder: string): Mistake[] {
  try {
    projectWords(folder);
    return [];
  } catch (error) {
    return [ofError(folder, error)];
  }
}

function seedMistakes(folder: string): Mistake[] {
  const { mend } = errorCatalogue.seed_invalid;
  return projectFolders(folder, ['seeds']).flatMap((seeds) =>
    readdirSync(seeds)
      .filter((name) => name.endsWith('.csv'))
      .flatMap((name) => {
        if (!userSeeds.includes(name)) {
          const message = `is no seed that can be given; there are ${userSeeds.join(', ')}`;
          return [{ file: join('seeds', name), line: 1, message, mend: 'Rename the file.' }];
        }
        try {
          checkUserSeed(name, join(seeds, name));
          return [];
        } catch (error) {
          return [{ ...ofError(folder, error), mend }];
        }
      }),
  );
}

async function modelMistakes(folder: string): Promise<Mistake[]> {
  const all = await loadModels('sql/models', folder);
  const own = all.models.filter(({ file }) => file.startsWith(folder));
  const database = await Database.open({ path: ':memory:', memoryMb: 512, threads: 2 });
  try {
    const connection = await database.connect();
    await migrate(connection);
    const needed = withUpstream(all, new Set(own.map(({ name }) => name)));
    const built = await new ModelRunner(needed).build(connection, { full: true, now: new Date() });
    connection.close();
    const failed = built.filter(({ model, outcome }) => outcome !== 'ok' && own.some(({ name }) => name === model));
    return [
      ...all.problems.filter(({ error }) => error.file?.startsWith(folder)).map(({ error }) => ofError(folder, error)),
      ...failed.map(({ model, message }) =>
        ofMessage(folder, own.find(({ name }) => name === model)?.file ?? model, message ?? ''),
      ),
    ];
  } finally {
    database.close();
  }
}

/** These models and all that they read. */
function withUpstream({ models }: Models, names: Set<string>): Models {
  for (const model of models.toReversed()) if (names.has(model.name)) for (const name of model.upstream) names.add(name);
  return { models: models.filter(({ name }) => names.has(name)), problems: [] };
}

function dashboardMistakes(folder: string): Mistake[] {
  const { metrics, dimensions } = loadCatalog('sql/metrics', 'sql/models', folder);
  const names = { metrics: [...metrics.values()], dimensions: [...dimensions.values()] };
  const { mend } = errorCatalogue.dashboard_invalid;
  return projectFolders(folder, ['dashboards'])
    .flatMap(dashboardFiles)
    .flatMap((file) => checkDashboard(file, readProjectFile(file), names))
    .map(({ file, line, message }) => ({ file: relative(folder, file), line, message, mend }));
}

function ofError(folder: string, error: unknown): Mistake {
  if (!(error instanceof SluiceError)) throw error;
  const { file, line = 1, detail, title, mend } = error;
  return { file: file === undefined ? '' : relative(folder, resolve(file)), line, message: detail ?? title, mend };
}

/** What a build says of a model: "Title: detail (file:line). Mend". */
function ofMessage(folder: string, file: string, text: string): Mistake {
  const [, message = text, line = '1', mend = ''] = /^(.*) \([^()]*?:(\d+)\)\. (.*)$/s.exec(text) ?? [];
  return { file: relative(folder, file), line: Number(line), message: message.replace(/^[^:]*: /, ''), mend };
}
