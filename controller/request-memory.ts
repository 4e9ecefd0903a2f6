import { SluiceError } from '../sql/errors.ts';
import type { Grant } from './permit.ts';

const dayMs = 86_400_000;
/** About 400 MB of them; beyond it the oldest are forgotten before their day is over. */
const mostRequests = 1_000_000;

/** The answers of the last 24 h by request id, in the order of time. */
export class RequestMemory {
  private readonly grants = new Map<string, Grant>();

  /**
   * The answer that this request got before, null when it is new.
   * @throws SluiceError `request_id_reused` when the id was used for another request
   */
  recall(requestId: string, asked: string, now: number): Grant | null {
    const grant = this.grants.get(requestId);
    if (grant === undefined || grant.at + dayMs <= now) return null;
    if (grant.answer.asked !== asked) {
      throw new SluiceError('request_id_reused', {
        detail: `request_id ${requestId} was used for another request less than a day ago`,
        field: 'request_id',
      });
    }
    return grant;
  }

  remember(grant: Grant): void {
    this.grants.delete(grant.request_id);
    this.grants.set(grant.request_id, grant);
    if (this.grants.size > mostRequests) this.forgetOldest(mostRequests / 10);
  }

  /** Keeps the answer and lets the names go. */
  slim(grant: Grant): void {
    if (grant.people.length > 0 && this.grants.get(grant.request_id) === grant) {
      this.grants.set(grant.request_id, { ...grant, people: [] });
    }
  }

  forget(grant: Grant): void {
    if (this.grants.get(grant.request_id) === grant) this.grants.delete(grant.request_id);
  }

  prune(now: number): void {
    for (const [id, grant] of this.grants) {
      if (grant.at + dayMs > now) return;
      this.grants.delete(id);
    }
  }

  /** Many at once: walking to the first entry of a map whose front was deleted costs as much as what was deleted. */
  private forgetOldest(count: number): void {
    let left = count;
    for (const id of this.grants.keys()) {
      if (left-- <= 0) return;
      this.grants.delete(id);
    }
  }
}
