import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from './roles.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * The configured tokens. A token that is shown is compared with every one of them by its hash in constant time, so that
 * neither length nor content of a configured token can be learnt from how long an answer takes.
 */
export class TokenBook {
  private readonly entries: { role: Role; hash: Buffer }[];

  constructor(tokens: readonly { role: Role; token: string }[]) {
    this.entries = tokens.map(({ role, token }) => ({ role, hash: digest(token) }));
  }

  /** The role of a token, null when it is none of ours. */
  roleOf(token: string): Role | null {
    const shown = digest(token);
    let found: Role | null = null;
    for (const { role, hash } of this.entries) if (timingSafeEqual(hash, shown)) found = role;
    return found;
  }
}

/** The token of an `Authorization: Bearer <token>` header; null when the header is absent or of another scheme. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header ?? '')?.[1] ?? null;
}
