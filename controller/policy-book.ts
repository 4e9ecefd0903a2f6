import { type Policy, policySchema } from './policy.ts';
import { policyHash } from './policy-hash.ts';
import type { ControlSnapshot } from './snapshot.ts';

/** The account's policy, and those of campaigns, which say only what differs. */
export class PolicyBook {
  private readonly campaigns = new Map<string, { parts: string; policy: Policy }>();
  private readonly byHash = new Map<string, Policy>();

  constructor(private readonly account: Policy) {
    this.byHash.set(policyHash(account), account);
  }

  /** Takes over what campaigns were registered with. Parts that do not fit leave the campaign with the account's policy. */
  read(policies: ControlSnapshot['policies']): void {
    const named = new Set(policies.map(({ campaign_id }) => campaign_id));
    for (const campaign of this.campaigns.keys()) if (!named.has(campaign)) this.campaigns.delete(campaign);
    for (const { campaign_id, policy: own } of policies) {
      const parts = JSON.stringify(own);
      if (this.campaigns.get(campaign_id)?.parts === parts) continue;
      const read = readPolicy(this.account, own);
      const policy = read.success ? read.data : this.account;
      this.campaigns.set(campaign_id, { parts, policy });
      this.byHash.set(policyHash(policy), policy);
    }
  }

  of(campaign: string | null): Policy {
    return (campaign === null ? undefined : this.campaigns.get(campaign)?.policy) ?? this.account;
  }

  named(hash: string): Policy | null {
    return this.byHash.get(hash) ?? null;
  }
}

/** The account's policy with the parts over it that a campaign gives: checked as a whole. */
export function readPolicy(account: Policy, own: unknown) {
  return policySchema.safeParse(laidOver(account, own), { reportInput: true });
}

/** Parts of a policy over others, setting by setting. */
export function laidOver(base: unknown, own: unknown): unknown {
  if (!isRecord(base) || !isRecord(own)) return own === undefined ? base : own;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) merged[key] = laidOver(base[key], value);
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
