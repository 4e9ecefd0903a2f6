import { copyFile, open } from 'node:fs/promises';

/** An entry of DuckDB's write-ahead log begins with its size (u64, little-endian) and a checksum of the same length. */
const entryHeadBytes = 16;
/** What ends a commit: one entry of 5 bytes. */
const commitEndBytes = entryHeadBytes + 5;

/**
 * Cuts the last commit off a write-ahead log when power loss left it half written, with the length grown but bytes missing. DuckDB
 * itself forgives a log that is too short, not one whose checksum is wrong; its message names the first wrong entry
 * (https://github.com/duckdb/duckdb/pull/10126). Only when nothing but the end of that same commit follows can it be one that was
 * never acknowledged; anything else is damage, and is left alone. The log as it was is kept beside as `<path>.wal.torn`.
 * @param path of the DuckDB file
 * @param message what DuckDB said when it was opened
 * @returns whether the file is worth another try
 */
export async function cutTornCommit(path: string, message: string): Promise<boolean> {
  const position = /entry at byte position (\d+)/.exec(message)?.[1];
  if (position === undefined) return false;
  const start = Number(position) - entryHeadBytes;
  const handle = await open(`${path}.wal`, 'r+');
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.max(0, size - start));
    await handle.read(tail, 0, tail.length, start);
    if (!isTorn(tail)) return false;
    await copyFile(`${path}.wal`, `${path}.wal.torn`);
    await handle.truncate(start);
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}

/** Whether bytes, from the start of a wrong entry on, are the remains of one commit. */
export function isTorn(tail: Uint8Array): boolean {
  if (tail.length <= entryHeadBytes || tail.every((byte) => byte === 0)) return true;
  const entryBytes = entryHeadBytes + Number(Buffer.from(tail.buffer, tail.byteOffset, 8).readBigUInt64LE());
  return entryBytes <= tail.length && entryBytes + commitEndBytes >= tail.length;
}
