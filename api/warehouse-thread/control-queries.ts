import type { Decision } from '../../controller/decision.ts';
import { readDecision } from '../../controller/decision-record.ts';
import type { Override } from '../../controller/evidence.ts';
import { type AnswerRecord, answerOf } from '../../controller/grant-record.ts';
import type { Grant } from '../../controller/permit.ts';
import type { ControlBooks, DecisionQuery } from '../../controller/snapshot.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';

const file = (name: string) => readProjectFile(`sql/control/${name}.sql`);
const sql = {
  seq: file('decision_seq'),
  latest: file('decision_latest'),
  trail: file('decision_trail'),
  override: file('override'),
  grant: file('grant'),
  returned: file('returned'),
} as const;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** Sets variables of the connection to instants: literals to the planner, so that scans are pruned by them. Milliseconds since 1970. */
export async function setInstants(connection: Connection, instants: Readonly<Record<string, number>>): Promise<void> {
  const sets = Object.entries(instants).map(
    ([name, ms]) => `SET VARIABLE ${name} = make_timestamp(${Math.round(ms) * 1000}::BIGINT)`,
  );
  await connection.exec(sets.join('; '));
}

/** When leases ended that still count for the snapshot and the books. */
export const leaseOver = (at: number): number => at - 10 * minuteMs;

/** What the controller must know when it starts. */
export async function controlBooks(connection: Connection, at: number): Promise<ControlBooks> {
  return connection.transaction(async () => {
    await setInstants(connection, { control_at: at, lease_over: leaseOver(at), day_from: at - 24 * hourMs });
    const [newest] = await connection.rows(sql.seq);
    return {
      seq: Number(newest?.seq ?? 0),
      latest: (await connection.rows(sql.latest)).map(decision),
      overrides: (await connection.rows(sql.override)).map(override),
      grants: (await connection.rows(sql.grant)).map(grant),
      returned: (await connection.rows(sql.returned)).map((row) => ({
        permit_id: String(row.permit_id),
        count: Number(row.returned),
      })),
    };
  });
}

/** The trail of decisions, newest first. */
export async function decisions(connection: Connection, query: DecisionQuery): Promise<Decision[]> {
  const { scopes, changes, limit, before_seq } = query;
  const wanted = scopes === null ? null : scopes.join('\u001f');
  return (await connection.rows(sql.trail, { scopes: wanted, changes, limit, before: before_seq })).map(decision);
}

/** Text or null. */
export function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** A number or null. */
export function number(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function decision(row: Row): Decision {
  return readDecision(String(row.document));
}

function override(row: Row): Override {
  return {
    override_id: String(row.override_id),
    scope: String(row.scope),
    action: row.action as Override['action'],
    window: number(row.window_limit),
    per_second: number(row.per_second),
    reason: String(row.reason),
    actor: String(row.actor),
    at: Number(row.given_at),
    until: number(row.until_at),
  };
}

function grant(row: Row): Grant {
  const said = { permit_id: String(row.permit_id), granted: Number(row.granted), expires_at: Number(row.expires_at) };
  return {
    ...said,
    request_id: String(row.request_id),
    address: {
      portfolio_id: text(row.portfolio_id),
      waba_id: text(row.waba_id),
      phone_number_id: text(row.phone_number_id),
      template_name: text(row.template_name),
      template_language: text(row.template_language),
      campaign_id: text(row.campaign_id),
      variant_id: text(row.variant_id),
      segment_id: text(row.segment_id),
      ...(row.market === null ? {} : { market: text(row.market) }),
    },
    category: row.category as Grant['category'],
    people: row.people as string[],
    at: Number(row.granted_at),
    shadow: row.is_shadow === true,
    answer: answerOf(said, JSON.parse(String(row.answer)) as AnswerRecord),
  };
}
