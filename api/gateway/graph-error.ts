import type { Denial, Permit } from '../../controller/permit.ts';
import { SluiceError } from '../../sql/errors.ts';

/** An answer in the form of the platform's own errors, so that any sender that talks to the platform understands it. */
export interface GraphError {
  status: number;
  code: number;
  /** What the sender's people read: why, and until when. */
  details: string;
  /** When it is worth trying again, ms; null when it is not, or nobody knows. */
  retryMs: number | null;
}

/** The platform's titles of the codes that are answered here (error codes page of the Cloud API). */
const titles: Readonly<Record<number, string>> = {
  4: 'Application request limit reached',
  33: 'Parameter value is not valid',
  100: 'Invalid parameter',
  190: 'Access token is not known to this gateway',
  130429: 'Rate limit hit',
  131000: 'Something went wrong',
  131016: 'Service unavailable',
  131026: 'Message undeliverable',
  131047: 'Re-engagement message',
  131049: 'This message was not delivered to maintain healthy ecosystem engagement',
  131050: 'User has stopped marketing messages',
  131056: '(Business Account, Consumer Account) pair rate limit hit',
};

/** Refused for the person's sake: the code with which the platform says the same, and when to try that person again, ms. */
const denials: Readonly<Record<Denial, { code: number; status: number; details: string; retryMs: number | null }>> = {
  no_consent: { code: 131050, status: 400, details: 'no consent to marketing is recorded', retryMs: null },
  opted_out: { code: 131050, status: 400, details: 'this person withdrew the consent to marketing', retryMs: null },
  suppressed: { code: 131026, status: 400, details: 'this number was undeliverable again and again', retryMs: null },
  frequency_cap: { code: 131049, status: 400, details: 'this person got marketing of late', retryMs: null },
  us_marketing: { code: 131049, status: 400, details: 'no marketing goes to US numbers', retryMs: null },
  outside_window: { code: 131047, status: 400, details: 'the service window of this person is closed', retryMs: null },
  quiet_hours: { code: 131056, status: 429, details: 'it is night where this person lives', retryMs: 15 * 60_000 },
  pair_rate: { code: 131056, status: 429, details: 'one message in six seconds to one person', retryMs: 6_000 },
  duplicate: { code: 131056, status: 429, details: 'this person was just written to', retryMs: 6_000 },
  no_room: { code: 130429, status: 429, details: '', retryMs: null },
};

/** Where nobody knows when there is room again, ms. */
const unknownRetryMs = 60_000;

/** The answer to a send that got no right. */
export function refusalOf({ denied, scope, state, reason, retry_after_ms }: Omit<Permit, 'granted'>): GraphError {
  const denial = denied[0]?.reason ?? 'no_room';
  const { code, status, details, retryMs } = denials[denial];
  if (denial !== 'no_room') return { status, code, details: `Sluice: ${details} (${denial})`, retryMs };
  return { status, code, details: `Sluice: ${scope} is ${state}. ${reason}`, retryMs: retry_after_ms ?? unknownRetryMs };
}

/** The answer when there is none to be had: whatever fails on our side, nothing was sent. */
export function failureOf(error: unknown): GraphError {
  if (error instanceof SluiceError && error.status < 500) {
    const details = `Sluice: ${error.title}${error.detail === undefined ? '' : `: ${error.detail}`}`;
    return { status: error.status, code: 100, details, retryMs: null };
  }
  const code = error instanceof SluiceError ? error.code : 'internal';
  return { status: 503, code: 131016, details: `Sluice: no right could be had, so nothing was sent (${code})`, retryMs: 5_000 };
}

/** The body: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes */
export function graphBody({ code, details, retryMs }: GraphError, traceId: string): object {
  return {
    error: {
      message: `(#${code}) ${titles[code] ?? 'Something went wrong'}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details },
      is_transient: retryMs !== null,
      fbtrace_id: `sluice-${traceId}`,
    },
  };
}
