import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { loadCatalog } from '../../models/catalog.ts';
import { projectFolders } from '../../models/project.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import { dashboardFiles, ownDashboards, shownPath } from '../pages/dashboard-files.ts';

interface Parts {
  config(): Pick<Config, 'projectDir'>;
  line(text: string): void;
  err(text: string): void;
  fail(): void;
}

/** `sluice dashboards check`: every file against the format, the metrics catalogue and the schema of Vega-Lite. */
export function addDashboards(program: Command, { config, line, err, fail }: Parts): void {
  program
    .command('dashboards')
    .description('the pages as files')
    .command('check')
    .description('what is wrong in dashboard files, with file and line; exit code 1 when there is anything')
    .argument('[paths...]', 'files or folders; those of Sluice and of the project folder unless given')
    .action(async (paths: string[]) => {
      const { checkDashboard } = await import('../pages/dashboard-check.ts');
      const { projectDir } = config();
      const files = (paths.length > 0 ? paths : [ownDashboards, ...projectFolders(projectDir, ['dashboards'])]).flatMap(filesOf);
      const { metrics, dimensions } = loadCatalog('sql/metrics', 'sql/models', projectDir);
      const names = { metrics: [...metrics.values()], dimensions: [...dimensions.values()] };
      const findings = files.flatMap((file) => checkDashboard(shownPath(file), readFileSync(file, 'utf8'), names));
      for (const finding of findings) err(`${finding.file}:${finding.line}: ${finding.message}\n`);
      if (findings.length > 0) fail();
      line(
        findings.length === 0
          ? `${files.length} dashboards are well-formed, and name only what the catalogue has.`
          : `${findings.length} found in ${files.length} dashboards.`,
      );
    });
}

function filesOf(path: string): string[] {
  if (!existsSync(path))
    throw new SluiceError('input_invalid', { detail: `${path}: there is no such file or folder`, field: 'paths' });
  return statSync(path).isDirectory() ? dashboardFiles(path) : [path];
}
