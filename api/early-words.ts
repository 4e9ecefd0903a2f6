import { type PlatformWord, withWords } from '../controller/evidence.ts';
import { scopeId } from '../controller/scope.ts';
import { decodeRecord } from '../ingest/decode.ts';
import type { LogRecord, Place } from '../ingest/record.ts';
import { emptyDecoded, type Staged } from '../ingest/staged.ts';
import { type Applied, isApplied } from './command-log.ts';

/** Older news is a repetition, and what came after it may be applied already, ms. */
const freshMs = 5 * 60_000;
/** News of the platform is small; a larger body is left to apply. */
const mostBytes = 64 * 1024;
const mostWords = 1000;

const marks = ['template_status_update', 'account_update'].map((mark) => Buffer.from(mark));
const templateStops = ['PAUSED', 'DISABLED', 'PENDING', 'REJECTED', 'ARCHIVED', 'DELETED', 'PENDING_DELETION', 'IN_APPEAL'];

/**
 * Stops by the platform that are durable and not applied yet: however far apply is behind, a stop does not wait for it. They say the same
 * as sql/control/word.sql will once it reads them. What ends a stop, and all other news, waits for the facts.
 */
export class EarlyWords {
  private heard: { word: PlatformWord; place: Place }[] = [];

  /** Reads a durable webhook; tells whether it says something new. */
  hear(body: Uint8Array, place: Place, now: number): boolean {
    if (body.length > mostBytes || this.heard.length >= mostWords) return false;
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    if (!marks.some((mark) => bytes.includes(mark))) return false;
    const record: LogRecord = { ...place, kind: 'webhook', receivedAt: BigInt(now) * 1000n, body };
    const decoded = emptyDecoded();
    decodeRecord(record, decoded);
    const words = decoded.platform_event.map(stopOf).filter((word) => word !== null && word.at <= now && now - word.at < freshMs);
    for (const word of words) if (word !== null) this.heard.push({ word, place });
    return words.length > 0;
  }

  get size(): number {
    return this.heard.length;
  }

  /** Forgets what is in the facts at these positions. */
  forget(positions: readonly Applied[]): void {
    this.heard = this.heard.filter(({ place }) => !isApplied(place, positions));
  }

  /** These words and the early ones that are not among them. */
  with(words: readonly PlatformWord[]): PlatformWord[] {
    return withWords(
      words,
      this.heard.map(({ word }) => word),
    );
  }
}

/** The stop that an event of the platform is; null when it is none, or does not say of what. */
function stopOf({ field, event, new_value, template_name, waba_id, occurred_at, payload }: Staged<'platform_event'>) {
  if (occurred_at === null) return null;
  const stop = (scope: string, code: string): PlatformWord => {
    return { scope, action: 'stop', code, at: Number(occurred_at / 1000n), until: null };
  };
  if (field === 'message_template_status_update') {
    if (template_name === null || event === null || !templateStops.includes(event) || isUnpause(payload)) return null;
    return stop(scopeId('template', template_name), `template_${event.toLowerCase()}`);
  }
  if (field !== 'account_update' || waba_id === null) return null;
  if (event === 'ACCOUNT_DELETED' || event === 'ACCOUNT_OFFBOARDED') return stop(scopeId('waba', waba_id), event.toLowerCase());
  const isBan = event === 'DISABLED_UPDATE' && (new_value === 'DISABLE' || new_value === 'SCHEDULE_FOR_DISABLE');
  return isBan ? stop(scopeId('waba', waba_id), `account_${new_value.toLowerCase()}`) : null;
}

function isUnpause(payload: string): boolean {
  const { value } = JSON.parse(payload) as { value?: { other_info?: { title?: unknown } } };
  return value?.other_info?.title === 'UNPAUSE';
}
