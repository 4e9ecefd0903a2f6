import type { KafkaReport } from './options.ts';

const everyMs = 60_000;

/**
 * The same trouble at most once a minute, with how often it was seen: through an outage kafkajs says ten times a second that it cannot
 * connect. Texts that differ in numbers only are the same.
 * @param now milliseconds on any clock
 */
export function seldomReport(report: KafkaReport, now: () => number = () => performance.now()): KafkaReport {
  const seen = new Map<string, { at: number; since: number }>();
  return (text, detail) => {
    const kind = text.replaceAll(/[0-9]+/g, '#');
    const last = seen.get(kind);
    if (last !== undefined && now() - last.at < everyMs) {
      last.since += 1;
      return;
    }
    if (seen.size > 1000) seen.clear();
    seen.set(kind, { at: now(), since: 0 });
    report(text, last === undefined || last.since === 0 ? detail : { ...detail, seen_since: last.since });
  };
}
