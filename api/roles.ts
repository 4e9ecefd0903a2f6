/** Who may do what. The one table of rights: every endpoint names an entry of it, and a route that names none is refused at start. */
export const roleNames = ['ingest', 'analyst', 'growth', 'ops', 'admin'] as const;
export type Role = (typeof roleNames)[number];

export const roleDescriptions: Readonly<Record<Role, string>> = {
  ingest: 'machines that send events, register campaigns and ask for sending rights; reads nothing',
  analyst: 'reads metrics, campaigns and pages',
  growth: 'an analyst who also registers and changes campaigns',
  ops: 'an analyst who also sees the works (status, quarantine, model builds, monitoring) and holds the brake',
  admin: 'everything, also rebuild, backup and export',
};

const readers: readonly Role[] = ['analyst', 'growth', 'ops', 'admin'];

export const rights = {
  /** Pages, metrics, campaigns. */
  read: readers,
  /** The OpenAPI description and its page: whoever holds any token. */
  describe: roleNames,
  sendEvents: ['ingest', 'admin'],
  /** Ask for sending rights, and give them back. */
  permit: ['ingest', 'ops', 'admin'],
  putCampaign: ['ingest', 'growth', 'ops', 'admin'],
  putRegistry: ['ingest', 'ops', 'admin'],
  /** Pause, resume, limit and hold what is sent. */
  overrideControl: ['ops', 'admin'],
  /** Status, Prometheus metrics, quarantine, model builds. */
  operate: ['ops', 'admin'],
  /** Phone numbers in the open, where a list shows raw data; others see them masked. */
  seePeople: ['admin'],
  /** Rebuild, backup, export of whole tables (which hold personal data). */
  administer: ['admin'],
} as const satisfies Record<string, readonly Role[]>;
export type Right = keyof typeof rights;

/** Whether a role has a right. */
export function mayDo(role: Role, right: Right): boolean {
  return (rights[right] as readonly Role[]).includes(role);
}
