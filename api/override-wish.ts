import type { Override } from '../controller/evidence.ts';
import { SluiceError } from '../sql/errors.ts';
import type { OverrideBody } from './control-schema.ts';

/** What an operator asks for, before it has an id. */
export type OverrideWish = Omit<Override, 'override_id' | 'actor'>;

/**
 * The body as the controller takes it: one end, in ms since 1970.
 * @throws SluiceError `input_invalid` when it would be over already
 */
export function overrideWish(body: OverrideBody, now: number): OverrideWish {
  const { scope, action, window = null, per_second = null, reason, until, for_minutes } = body;
  const end = until !== undefined ? Date.parse(until) : for_minutes !== undefined ? now + for_minutes * 60_000 : null;
  if (end !== null && end <= now) throw new SluiceError('input_invalid', { detail: 'until: is past already', field: 'until' });
  return { scope, action, window, per_second, reason, at: now, until: end };
}
