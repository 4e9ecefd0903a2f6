import { SluiceError } from '../sql/errors.ts';
import { listProjectFiles, readProjectFile } from '../sql/files.ts';
import { type ModelFile, parseModelFile } from './model-file.ts';
import { linkModels, type Models } from './model-graph.ts';
import { segmentMember } from './segment-member.ts';

/**
 * Reads the models of a folder (from the project's root, `sql/models` unless told), in the order in which they are built.
 * A broken file does not throw: it is among the `problems`, with file and line, and its last good table keeps serving.
 */
export async function loadModels(folder = 'sql/models'): Promise<Models> {
  const problems: Models['problems'] = [];
  const files: ModelFile[] = [];
  for (const entry of listProjectFiles(folder, '.sql')) {
    const name = entry.slice(0, -'.sql'.length);
    try {
      files.push(parseModelFile(`${folder}/${entry}`, name, readProjectFile(`${folder}/${entry}`)));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      problems.push({ name, error });
    }
  }
  const linked = await linkModels([...files, ...segmentMember(files)]);
  return { models: linked.models, problems: [...problems, ...linked.problems] };
}
