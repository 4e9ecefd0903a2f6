import { SluiceError } from '../../sql/errors.ts';

/** What the errors of kafkajs carry; `type` is the protocol's name of an error. */
interface KafkaFault {
  type: string;
  name: string;
  message: string;
}

/** The protocol's answers that mean: this client may not. */
const refusals = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
]);

/** The innermost fault: kafkajs wraps it once a layer of retries. */
function fault(error: unknown): KafkaFault {
  let at = error as { cause?: unknown; originalError?: unknown; errors?: unknown[] };
  for (;;) {
    const inner = at.errors?.[0] ?? at.originalError ?? at.cause;
    if (!(inner instanceof Error)) break;
    at = inner as typeof at;
  }
  const { type = '', name = '', message = String(error) } = at as Partial<KafkaFault>;
  return { type, name, message };
}

/** Whether the broker said so because topics or leaders moved: the answer is to look again. */
export function isOutOfRange(error: unknown): boolean {
  return fault(error).type === 'OFFSET_OUT_OF_RANGE';
}

/** An error of the catalogue for whatever kafkajs threw; errors of the catalogue stay as they are. */
export function kafkaError(error: unknown, context: string): SluiceError {
  if (error instanceof SluiceError) return error;
  const { type, name, message } = fault(error);
  const detail = `${context}: ${message}`;
  if (refusals.has(type) || name === 'KafkaJSSASLAuthenticationError')
    return new SluiceError('kafka_refused', { detail, cause: error });
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return new SluiceError('kafka_topic_missing', { detail, cause: error });
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE')
    return new SluiceError('record_too_large', { detail, cause: error });
  return new SluiceError('log_unavailable', { detail, cause: error });
}
