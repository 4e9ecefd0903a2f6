import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../sql/errors.ts';
import { projectRoot } from '../../sql/files.ts';
import { type Dashboard, parseDashboard } from './dashboard.ts';

/** A dashboard, or the error of its file: a broken one takes only its own page away. */
export type LoadedDashboard = { dashboard: Dashboard } | { error: SluiceError };
/** By the name they carry; a broken one by its file's. */
export type Dashboards = ReadonlyMap<string, LoadedDashboard>;

/** The dashboards that come with Sluice. */
export const ownDashboards: string = join(projectRoot, 'dashboards');

/** The dashboard files of a folder, in order of name; none where there is no folder. */
export function dashboardFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') || name.endsWith('.yml'))
    .sort()
    .map((name) => join(folder, name));
}

/** How a file is called in messages: from the project's root, or from the user's folder. */
export function shownPath(file: string): string {
  return file.startsWith(`${projectRoot}/`) ? file.slice(projectRoot.length + 1) : file;
}

/** Reads all dashboards of the folders; a later folder's takes the place of an earlier one of the same name. */
export function loadDashboards(folders: readonly string[] = [ownDashboards]): Map<string, LoadedDashboard> {
  const loaded = new Map<string, LoadedDashboard>();
  for (const path of folders.flatMap(dashboardFiles)) {
    const file = shownPath(path);
    try {
      const dashboard = parseDashboard(file, readFileSync(path, 'utf8'));
      loaded.set(dashboard.name, { dashboard });
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      loaded.set(file.replace(/^.*\//, '').replace(/\.ya?ml$/, ''), { error });
    }
  }
  return loaded;
}

/**
 * The dashboards as their files stand: looks at names, sizes and times at most once a second, and reads anew what changed. A broken
 * edit shows its error on its own page, and is mended by the next edit.
 */
export class LiveDashboards {
  private dashboards: Dashboards = new Map();
  private mark = '';
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly folders: readonly string[] = [ownDashboards]) {}

  get current(): Dashboards {
    const now = performance.now();
    if (now - this.lookedAt < 1_000) return this.dashboards;
    this.lookedAt = now;
    const mark = this.folders
      .flatMap(dashboardFiles)
      .map((file) => {
        const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
        return `${file} ${size} ${mtimeMs}`;
      })
      .join('\n');
    if (mark !== this.mark) {
      this.dashboards = loadDashboards(this.folders);
      this.mark = mark;
    }
    return this.dashboards;
  }

  /** Changes whenever a file does. */
  get version(): string {
    return this.current === this.dashboards ? this.mark : '';
  }
}
