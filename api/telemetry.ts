import type { GatewayCounters } from './gateway/gateway.ts';

/** What the HTTP thread counts about itself. Counting is an increment; rendering happens when somebody asks. */
export const webhookOutcomes = [
  'accepted',
  'signature_missing',
  'signature_invalid',
  'not_json',
  'too_large',
  'log_unavailable',
] as const;
export type WebhookOutcome = (typeof webhookOutcomes)[number];

export class Telemetry {
  readonly webhooks: Record<WebhookOutcome, number> = {
    accepted: 0,
    signature_missing: 0,
    signature_invalid: 0,
    not_json: 0,
    too_large: 0,
    log_unavailable: 0,
  };
  readonly appended = { records: 0, bytes: 0, failures: 0, lastFailureAtMs: 0, lastSuccessAtMs: 0 };
  readonly events = { accepted: 0, rejected: 0 };
  refused = 0;
  /** Null where there is no gateway. */
  gateway: GatewayCounters | null = null;
  private readonly requests = new Map<string, { count: number; seconds: number }>();

  /** One finished request, by route pattern (never by address, which could be anything). */
  request(method: string, route: string, status: number, seconds: number): void {
    const key = `method="${method}",route="${escapeLabel(route)}",status="${status}"`;
    const entry = this.requests.get(key) ?? { count: 0, seconds: 0 };
    entry.count += 1;
    entry.seconds += seconds;
    this.requests.set(key, entry);
  }

  requestsByLabels(): ReadonlyMap<string, { count: number; seconds: number }> {
    return this.requests;
  }
}

/** A metric family in the Prometheus text format, version 0.0.4. */
export interface Family {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  samples: { labels?: string; value: number }[];
}

export function renderFamilies(families: Family[]): string {
  const line = (name: string, labels: string | undefined, value: number) => `${name}${labels ? `{${labels}}` : ''} ${value}`;
  return `${families
    .map(({ name, type, help, samples }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(({ labels, value }) => line(name, labels, value))].join(
        '\n',
      ),
    )
    .join('\n')}\n`;
}

/** A label value as the text format wants it between its quotes. */
export function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
