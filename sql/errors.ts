import { refusals } from './refusals.ts';

/**
 * The one catalogue of errors. Each has a stable code, the HTTP status it maps to, what happened, and how to mend it.
 * It lives on the lowest floor so that every room may raise one.
 */
const catalogue = {
  config_invalid: {
    status: 500,
    title: 'A setting is wrong',
    mend: 'Correct the setting named; .env.example lists all with their defaults.',
  },
  unauthorized: {
    status: 401,
    title: 'No valid token',
    mend: 'Send "Authorization: Bearer <token>" with a token from SLUICE_TOKENS.',
  },
  forbidden: { status: 403, title: 'The token has not this right', mend: 'Use a token whose role is listed in the detail.' },
  csrf_invalid: { status: 403, title: 'The form token is missing or old', mend: 'Reload the page and send the form again.' },
  not_found: { status: 404, title: 'There is nothing here', mend: 'Check the address; /openapi.json lists all endpoints.' },
  method_not_allowed: {
    status: 405,
    title: 'The address exists, the method does not',
    mend: 'Use a method from the Allow header.',
  },
  not_acceptable: {
    status: 406,
    title: 'No format that you accept can be given',
    mend: 'Accept application/json, text/csv or application/vnd.apache.arrow.stream.',
  },
  body_too_large: { status: 413, title: 'The body is too large', mend: 'Send less in one request; the limit is in the detail.' },
  media_type_unsupported: {
    status: 415,
    title: 'This kind of body is not read here',
    mend: 'Send one of the content types in the detail.',
  },
  body_unreadable: {
    status: 400,
    title: 'The body cannot be read',
    mend: 'Send well-formed UTF-8 JSON (or NDJSON where it is offered).',
  },
  input_invalid: { status: 422, title: 'The input does not fit', mend: 'Mend the field named in the detail.' },
  query_invalid: {
    status: 400,
    title: 'The query does not fit',
    mend: 'Mend the parameter named in the detail; /v1/metrics/catalog lists what exists.',
  },
  rate_limited: { status: 429, title: 'Too many requests', mend: 'Wait as long as Retry-After says.' },
  scope_unknown: {
    status: 404,
    title: 'Nothing is known of this scope',
    mend: 'Name one that GET /v1/control lists, or register the campaign first.',
  },
  control_starting: {
    status: 503,
    title: 'The controller is still reading the log',
    mend: 'Try again in a few seconds; nothing is granted until then.',
  },
  server_not_running: {
    status: 503,
    title: 'No server runs on this data folder',
    mend: 'Start it with "sluice serve", or set SLUICE_DATA_DIR to the folder of the running one.',
  },
  webhook_verify_refused: {
    status: 403,
    title: 'The verify token does not match',
    mend: 'Set SLUICE_WEBHOOK_VERIFY_TOKEN to the token entered in the Meta app.',
  },
  webhook_signature_missing: {
    status: 401,
    title: 'The signature header is missing',
    mend: 'Meta sends X-Hub-Signature-256; check that no proxy drops it.',
  },
  webhook_signature_invalid: {
    status: 401,
    title: 'The signature does not match the body',
    mend: 'Set SLUICE_WEBHOOK_APP_SECRETS to the app secret, and let no proxy rewrite the body.',
  },
  webhook_body_invalid: {
    status: 400,
    title: 'The signed body is not JSON',
    mend: 'Nothing to do if this was a test; Meta sends JSON.',
  },
  log_unavailable: {
    status: 503,
    title: 'The event log cannot write',
    mend: 'Check disk space and rights of SLUICE_DATA_DIR, or the brokers of SLUICE_KAFKA_BROKERS; the sender should retry.',
  },
  record_too_large: {
    status: 413,
    title: 'The record is larger than the log takes',
    mend: 'Send less in one request, or raise SLUICE_KAFKA_MAX_RECORD_BYTES and the max.message.bytes of the topics.',
  },
  kafka_refused: {
    status: 503,
    title: 'Kafka refuses this client',
    mend: 'Check SLUICE_KAFKA_SASL_* and SLUICE_KAFKA_TLS*, and grant the rights listed in docs/kafka.md.',
  },
  kafka_topic_missing: {
    status: 503,
    title: 'A Kafka topic is missing',
    mend: 'Create it as docs/kafka.md says, or set SLUICE_KAFKA_CREATE_TOPICS=true.',
  },
  kafka_topic_invalid: {
    status: 500,
    title: 'A Kafka topic is set up so that records would be lost',
    mend: 'Change the setting named of the topic, as docs/kafka.md says.',
  },
  log_gap: {
    status: 500,
    title: 'Records are missing from the log',
    mend: 'Restore the missing segment or archive file named (with Kafka: see docs/kafka.md, gaps); start again if it does not go on.',
  },
  log_corrupt: {
    status: 500,
    title: 'A log segment cannot be read',
    mend: 'Restore the file named from a backup; the others are untouched.',
  },
  request_id_reused: {
    status: 409,
    title: 'The request id was used for another request',
    mend: 'Use a new request_id for each new request; repeat one only with the same body.',
  },
  design_frozen: {
    status: 409,
    title: 'This experiment has begun, so it cannot be changed',
    mend: 'Register a new experiment with another id (and salt); only the name may still change.',
  },
  permit_over: {
    status: 409,
    title: 'The permit is over',
    mend: 'Nothing to do: rights that were not used are free again by themselves.',
  },
  owner_away: {
    status: 503,
    title: 'The warehouse cannot be reached from this receiver',
    mend: 'Try again shortly; if it lasts, check SLUICE_OWNER_URLS, and that a warehouse runs. Send nothing that is not granted.',
  },
  warehouse_elsewhere: {
    status: 421,
    title: 'This is a receiver; the warehouse is elsewhere',
    mend: 'Ask the warehouse itself, or set SLUICE_OWNER_URLS (and SLUICE_OWNER_TOKEN for permits) so that receivers pass it on.',
  },
  warehouse_standby: {
    status: 503,
    title: 'This warehouse stands by',
    mend: 'Ask the one that holds the data folder; this one takes over by itself when that one ends.',
  },
  warehouse_busy: { status: 503, title: 'The warehouse is busy', mend: 'Try again shortly.' },
  warehouse_locked: {
    status: 409,
    title: 'Another process holds the data folder',
    mend: 'Stop the other process, or use another SLUICE_DATA_DIR.',
  },
  warehouse_failed: {
    status: 500,
    title: 'The warehouse could not do this',
    mend: 'Look at the log line with the same request id.',
  },
  migration_changed: {
    status: 500,
    title: 'A migration that was applied has been edited',
    mend: 'Put the file back as it was; add a new migration for a change.',
  },
  migration_unknown: {
    status: 500,
    title: 'The warehouse was written by a newer version',
    mend: 'Run that version or a newer one.',
  },
  model_invalid: {
    status: 500,
    title: 'A model file is wrong',
    mend: 'Mend the file at the line named; the last good table keeps serving.',
  },
  model_failed: {
    status: 500,
    title: 'A model did not build',
    mend: 'Mend the SQL at the line named; the last good table keeps serving.',
  },
  metric_invalid: {
    status: 500,
    title: 'A metric file is wrong',
    mend: 'Mend the file at the line named; the last good definitions keep serving.',
  },
  policy_invalid: {
    status: 500,
    title: 'A policy file is wrong',
    mend: 'Mend the line named; "sluice policy check" lists all that is wrong with it.',
  },
  dashboard_invalid: {
    status: 500,
    title: 'A dashboard file is wrong',
    mend: 'Mend the file at the line named; the other pages are untouched.',
  },
  seed_invalid: { status: 500, title: 'A seed file is wrong', mend: 'Mend the row named.' },
  forgotten_unreadable: {
    status: 500,
    title: 'The list of who is forgotten cannot be read',
    mend: 'Restore the file named from its newest copy; without it people would come back.',
  },
  person_unnamed: {
    status: 422,
    title: 'No person is named',
    mend: 'Give one of contact_id, phone (international form) and user_id.',
  },
  snapshot_unknown: {
    status: 404,
    title: 'There is no snapshot of that time',
    mend: 'Take one of those that GET /v1/snapshots lists, or make them daily with SLUICE_SNAPSHOT_HOURS.',
  },
  project_invalid: {
    status: 422,
    title: 'The project folder is not as it should be',
    mend: 'Mend what the detail names; docs/projects.md says what lies where.',
  },
  backup_invalid: { status: 422, title: 'This is not a Sluice backup', mend: 'Name a folder written by "sluice backup".' },
  export_invalid: {
    status: 422,
    title: 'The export cannot be made',
    mend: 'Name an existing table and a format of csv, parquet or arrow.',
  },
  method_unknown: {
    status: 404,
    title: 'There is no such method',
    mend: 'Name one of the methods in the detail; docs/verdicts.md says what each is for.',
  },
  value_data_insufficient: {
    status: 422,
    title: 'There are too few customers or too little history for a forecast',
    mend: 'Use GET /v1/value/cohorts until there is more; docs/value.md says how much is needed.',
  },
  value_model_unfit: {
    status: 422,
    title: 'The model does not describe these customers',
    mend: 'Use GET /v1/value/cohorts, or try the other model; docs/value.md says what makes a fit fail.',
  },
  ...refusals,
  internal: { status: 500, title: 'Something went wrong on our side', mend: 'Look at the log line with the same request id.' },
} as const satisfies Record<string, { status: number; title: string; mend: string }>;

/** A stable error code of the catalogue. */
export type ErrorCode = keyof typeof catalogue;

/** What happened, in the terms of one case: shown to the user after the catalogue's title. */
export interface ErrorDetail {
  /** What happened here, with names and numbers; never a secret. */
  detail?: string;
  /** The input field at fault. */
  field?: string;
  /** File and line at fault, for files that users write. */
  file?: string;
  line?: number;
  cause?: unknown;
}

/** An error of the catalogue. `message` reads as a sentence for logs and terminals. */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly mend: string;
  readonly detail: string | undefined;
  readonly field: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;

  constructor(code: ErrorCode, { detail, field, file, line, cause }: ErrorDetail = {}) {
    const { status, title, mend } = catalogue[code];
    const where = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
    super(`${title}${detail === undefined ? '' : `: ${detail}`}${where}. ${mend}`, { cause });
    this.name = 'SluiceError';
    this.code = code;
    this.status = status;
    this.title = title;
    this.mend = mend;
    this.detail = detail;
    this.field = field;
    this.file = file;
    this.line = line;
  }
}

/** The catalogue as data, for the documentation and the OpenAPI description. */
export const errorCatalogue: Readonly<Record<ErrorCode, { status: number; title: string; mend: string }>> = catalogue;

/** An error as a plain value, to cross a thread or a process. */
export interface PlainError {
  code: ErrorCode;
  detail?: string;
  field?: string;
  file?: string;
  line?: number;
}

/** Any thrown value as a plain one: what is not of the catalogue becomes `internal` with its message. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof SluiceError))
    return { code: 'internal', detail: error instanceof Error ? error.message : String(error) };
  const { code, detail, field, file, line } = error;
  return {
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(field === undefined ? {} : { field }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}

/** The error that a plain value stands for. */
export function revivedError({ code, ...detail }: PlainError): SluiceError {
  return new SluiceError(code, detail);
}
