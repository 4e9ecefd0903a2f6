import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What lies where in a project folder (SLUICE_PROJECT_DIR): files that a user adds to ours. */
export const projectParts = ['models', 'segments', 'metrics', 'dashboards', 'seeds'] as const;
export type ProjectPart = (typeof projectParts)[number];

/** The folders of a project that are there. */
export function projectFolders(project: string | null, parts: readonly ProjectPart[]): string[] {
  if (project === null) return [];
  return parts.map((part) => join(project, part)).filter((folder) => existsSync(folder));
}

/** Where the user's rate cards, exchange rates and so on are: in the project folder, else in the data folder. */
export function seedFolder(project: string | null, inData: string): string {
  const [own] = projectFolders(project, ['seeds']);
  return own ?? inData;
}
