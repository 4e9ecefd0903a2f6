#!/usr/bin/env node
import { run } from './api/commands/program.ts';
import { environment } from './api/config.ts';

/** The command `sluice`. Start it through sluice.cts, which gives the process enough threads for disk and queries. */
process.exitCode = await run(process.argv.slice(2), {
  env: environment,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
