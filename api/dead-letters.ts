import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { publishFile } from '../ingest/durable-file.ts';
import type { DeadLetter } from '../ingest/kafka/dead-letters.ts';
import type { Warehouse } from './warehouse.ts';

const places = z.record(z.string(), z.object({ offset: z.string().regex(/^\d+$/), item: z.int() }));
/** Per partition the last item that is in the topic. */
type Places = z.output<typeof places>;

/** Bodies of one write. */
const writeBytes = 2 ** 20;

/**
 * Mirrors the quarantine into a topic, after the transaction that set its rows aside: each item at least once. How far it came is kept
 * in a file; a crash between topic and file writes the last items again, under the same keys.
 */
export class DeadLetterMirror {
  private mirrored: Places | undefined;

  constructor(
    private readonly warehouse: Pick<Warehouse, 'deadLetters'>,
    private readonly topic: { write(letters: readonly DeadLetter[]): Promise<void> },
    private readonly file: string,
  ) {}

  /** Writes what was set aside since. */
  async step(): Promise<void> {
    this.mirrored ??= await readPlaces(this.file);
    for (;;) {
      const letters = await this.warehouse.deadLetters(this.mirrored, writeBytes);
      if (letters.length === 0) return;
      await this.topic.write(letters);
      const reached = letters.map(({ partition, offset, item }) => [partition, { offset: String(offset), item }] as const);
      this.mirrored = { ...this.mirrored, ...Object.fromEntries(reached) };
      await writeFile(`${this.file}.new`, JSON.stringify(this.mirrored));
      await publishFile(`${this.file}.new`, this.file);
    }
  }
}

/** None when the file is not there or cannot be read: then everything is written again. */
async function readPlaces(file: string): Promise<Places> {
  try {
    return places.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
