#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=32
/**
 * Entry of the command `sluice`. Commits of the log and queries of the warehouse share the thread pool of libuv, which has four
 * threads unless told before its first use. Loading an ES module already uses it (seen on Node 20), so this file is CommonJS.
 */
import v8 = require('node:v8');

// biome-ignore lint/style/noProcessEnv: libuv reads this variable and no other way exists.
process.env['UV_THREADPOOL_SIZE'] ??= '16';
// V8 lets a heap grow to four times what lives in it, far past SLUICE_MEMORY: it knows nothing of the heaps and the engine beside it.
v8.setFlagsFromString('--heap-growing-percent=30');
void import('./sluice.ts');
