import { SluiceError } from '../sql/errors.ts';
import { listProjectFiles } from '../sql/files.ts';
import { type ModelFile, readModelFile } from './model-file.ts';
import { linkModels, type Models } from './model-graph.ts';
import { projectFolders } from './project.ts';
import { segmentMember } from './segment-member.ts';

/**
 * Reads the models of a folder (from the project's root, `sql/models` unless told) and of the user's project folder, in the order in
 * which they are built. A broken file does not throw: it is among the `problems`, with file and line, and its last good table keeps
 * serving.
 * @param project folder of the user's own files, see project.ts
 */
export async function loadModels(folder = 'sql/models', project: string | null = null): Promise<Models> {
  const problems: Models['problems'] = [];
  const files: ModelFile[] = [];
  const read = (inFolder: string, isOwn: boolean) => {
    for (const entry of listProjectFiles(inFolder, '.sql')) {
      const name = entry.slice(0, -'.sql'.length);
      try {
        const file = readModelFile(`${inFolder}/${entry}`, name);
        if (isOwn) checkOwn(file, files, inFolder.endsWith('/segments'));
        files.push(file);
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        problems.push({ name, error });
      }
    }
  };
  read(folder, false);
  for (const own of projectFolders(project, ['models', 'segments'])) read(own, true);
  const linked = await linkModels([...files, ...segmentMember(files)]);
  return { models: linked.models, problems: [...problems, ...linked.problems] };
}

/** A name that is taken would put another table into its place; facts and dimensions are not models. */
function checkOwn({ name, file, layer, query }: ModelFile, others: readonly ModelFile[], isSegment: boolean): void {
  const invalid = (detail: string, line: number) => new SluiceError('model_invalid', { detail, file, line });
  const taken = others.find((other) => other.name === name);
  if (taken !== undefined) throw invalid(`the name "${name}" is taken by ${taken.file}; take another`, 2);
  if (/^(?:fact|dim)_/.test(name)) throw invalid(`the name "${name}" begins like a fact or dimension; take another`, 2);
  if (isSegment && layer !== 'segment') throw invalid('a file in segments/ has "layer: segment"', 2);
  if (query.sql.trim() === '') throw invalid('has no query', query.line);
}
