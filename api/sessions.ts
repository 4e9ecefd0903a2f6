import { createHash, randomBytes } from 'node:crypto';
import type { Role } from './roles.ts';

/** A browser that logged in. */
export interface Session {
  role: Role;
  /** Stands in every form and is sent back with it. */
  csrfToken: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export const sessionHours = 12;
const most = 10_000;

const key = (id: string) => createHash('sha256').update(id).digest('base64url');

/**
 * Sessions in memory: they end after twelve hours, at logout, and when the server restarts. Only a hash of the id is kept,
 * so a look-up leaks nothing about ids that exist.
 */
export class SessionStore {
  private readonly sessions = new Map<string, Session>();

  /** Opens a session and returns its id, to be put into the cookie. */
  open(role: Role, nowMs: number): { id: string; session: Session } {
    for (const [old, session] of this.sessions) {
      if (session.expiresAt > nowMs && this.sessions.size < most) break; // in order of opening, thus of expiry
      this.sessions.delete(old);
    }
    const id = randomBytes(32).toString('base64url');
    const session = { role, csrfToken: randomBytes(24).toString('base64url'), expiresAt: nowMs + sessionHours * 3_600_000 };
    this.sessions.set(key(id), session);
    return { id, session };
  }

  find(id: string, nowMs: number): Session | null {
    const session = this.sessions.get(key(id));
    return session !== undefined && session.expiresAt > nowMs ? session : null;
  }

  close(id: string): void {
    this.sessions.delete(key(id));
  }
}
