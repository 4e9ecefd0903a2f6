import { setTimeout } from 'node:timers/promises';
import { Urgency } from '../../controller/urgency.ts';
import type { EventLogReader } from '../../ingest/event-log.ts';
import { acceptedGaps } from '../../ingest/log-gap.ts';
import { newestRecords } from '../../ingest/log-identity.ts';
import { ApplyLoop } from './apply-loop.ts';
import type { Quiet } from './quiet.ts';
import type { ServiceOptions } from './service.ts';

/** The loop that applies a log to an opened warehouse, and how urgent the harm is that it has found. */
export async function applyLoop(
  reader: EventLogReader,
  { apply, writer, way }: Quiet,
  { report }: Pick<ServiceOptions, 'report'>,
  onCommit?: () => void,
): Promise<{ loop: ApplyLoop; urgency: Urgency }> {
  const urgency = new Urgency();
  const commit: typeof apply.commit = async (...batch) => {
    const harm = await apply.commit(...batch);
    urgency.add(harm);
    return harm;
  };
  const loop: ApplyLoop = await ApplyLoop.create({
    reader,
    apply: {
      positions: () => apply.positions(),
      // Far behind, it would let nothing else through.
      commit: (...batch) => (loop.behind ? commit(...batch) : way.first(() => commit(...batch))),
    },
    gaps: await acceptedGaps(writer),
    known: await newestRecords(writer),
    batchBytes: 8 << 20,
    batchItems: 16_000,
    ...(onCommit === undefined ? {} : { onCommit }),
    onGap: (error) => report('records are missing from the log; nothing behind them becomes facts', error),
    onAway: (error) => report('the log cannot be read now; it is tried again', error),
    onRetry: (error, attempt) => report(`a batch did not commit, attempt ${attempt}`, error),
    sleep: (ms) => setTimeout(ms),
  });
  return { loop, urgency };
}
