#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=32
/**
 * Entry of the command `sluice`. Commits of the log and queries of the warehouse share the thread pool of libuv, which has four
 * threads unless told before its first use. Loading an ES module already uses it (seen on Node 20), so this file is CommonJS.
 */
// biome-ignore lint/style/noProcessEnv: libuv reads this variable and no other way exists.
process.env['UV_THREADPOOL_SIZE'] ??= '16';
void import('./sluice.ts');
