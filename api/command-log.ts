import { setTimeout } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import type { Command } from '../ingest/command.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import type { NewRecord, Place } from '../ingest/record.ts';
import { SluiceError } from '../sql/errors.ts';
import type { Role } from './roles.ts';
import type { Warehouse, WarehouseStatus } from './warehouse.ts';

/** What is to be done to what. */
export type Order = Command extends infer C ? (C extends Command ? Pick<C, 'command' | 'id' | 'body'> : never) : never;
/** Who gives a command. */
export type Actor = Role | 'controller' | 'experiments';

/** Puts a command into the log; it becomes a fact when apply reaches it. Resolves with its place once durable. */
export async function giveCommand(log: EventLogWriter, order: Order, actor: Actor, at: Date): Promise<Place> {
  const { body, receivedAt } = commandRecord(order, actor, at);
  return log.append('command', body, receivedAt).catch(unavailable);
}

/** The same with several, in this order: all are durable when it resolves, none when it rejects. Resolves with the place of the first. */
export async function giveCommands(
  log: EventLogWriter,
  orders: readonly { order: Order; at: Date }[],
  actor: Actor,
): Promise<Place> {
  const records = orders.map(({ order, at }) => commandRecord(order, actor, at));
  return log.appendAll('command', records).catch(unavailable);
}

function commandRecord(order: Order, actor: Actor, at: Date): NewRecord {
  const record = { command_id: commandId(at.getTime()), at: at.toISOString(), actor, ...order };
  return { body: Buffer.from(JSON.stringify(record)), receivedAt: BigInt(at.getTime()) * 1000n };
}

function unavailable(error: unknown): never {
  throw error instanceof SluiceError ? error : new SluiceError('log_unavailable', { cause: error });
}

const newest = { msecs: 0, seq: 0 };

/** Rises within one millisecond too: of two commands about one thing the later one is in force. */
export function commandId(msecs: number): string {
  newest.seq = msecs === newest.msecs ? newest.seq + 1 : 0;
  newest.msecs = msecs;
  return uuidv7({ msecs, seq: newest.seq });
}

/** How far the facts are in one partition: the next offset to apply, as text. */
export type Applied = Pick<WarehouseStatus['positions'][number], 'partition' | 'applied'>;

/** Whether the record at a place is in the facts that are at these positions. */
export function isApplied({ partition, offset }: Place, positions: readonly Applied[]): boolean {
  const position = positions.find((one) => one.partition === partition);
  return position !== undefined && BigInt(position.applied) > offset;
}

/** Waits until the warehouse has applied the record at a place; false when it has not after `timeoutMs`. */
export async function waitUntilApplied(
  warehouse: Pick<Warehouse, 'positions'>,
  place: Place,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 200)) {
    if (isApplied(place, await warehouse.positions())) return true;
    if (performance.now() + pause > end) return false;
    await setTimeout(pause);
  }
}
