import { PermitBook } from '../../../controller/permit-book.ts';
import { defaultPolicy } from '../../../controller/policy.ts';
import { addressOf, emptyBooks, limitsOf } from '../../permit-books.ts';

/** Grants a second of the book in process, with all that were given in the last minute still out. */
export function coreRate(seconds: number): { perSecond: number; perCpuSecond: number; leases: number } {
  let made = 0;
  const book = new PermitBook({ policyOf: () => defaultPolicy, books: emptyBooks, newId: () => `permit-${made}` });
  book.setLimits(limitsOf(), 0);
  const addresses = Array.from({ length: 9973 }, (_, n) => addressOf({ campaign_id: `c${n}`, phone_number_id: `n${n % 499}` }));
  const started = performance.now();
  const cpu = process.cpuUsage();
  const end = started + seconds * 1000;
  let limited = 0;
  let now = 0;
  while (now < end) {
    now = performance.now();
    for (let n = 0; n < 200; n += 1) {
      made += 1;
      const address = addresses[made % addresses.length] ?? addressOf();
      const common = { address, category: 'marketing', count: 1, contacts: null, lease_seconds: null } as const;
      book.grant({ request_id: `r${made}`, ...common }, null, now);
    }
    if (now - limited < 500) continue;
    limited = now;
    book.setLimits(limitsOf({ as_of: now }), now);
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    perCpuSecond: (made * 1e6) / (user + system),
    perSecond: (made * 1000) / (performance.now() - started),
    leases: book.leaseCount,
  };
}
