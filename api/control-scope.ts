import { parseScope, type ScopeId } from '../controller/scope.ts';

/** The campaign that a scope belongs to; null for scopes beside campaigns, and for sends without one. */
export function campaignOf(scope: ScopeId): string | null {
  const parsed = parseScope(scope);
  if (parsed === null) return null;
  return parsed.kind === 'campaign' || parsed.kind === 'variant' || parsed.kind === 'stream' ? (parsed.values[0] ?? null) : null;
}
