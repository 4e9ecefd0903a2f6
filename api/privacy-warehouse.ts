/** Ways in which a person may be named in a request. */
export interface PersonNames {
  contact_id?: string | undefined;
  phone?: string | undefined;
  user_id?: string | undefined;
}

/** One name of a person, with the time in which it was theirs (ms; null is open). */
export interface HeldName {
  alias_id: string;
  kind: 'contact' | 'phone' | 'user';
  value: string;
  from: number | null;
  to: number | null;
}

/** What the law asks of the warehouse. */
export interface PrivacyWarehouse {
  /** All names of the person whom these names stand for at a time. */
  namesOf(names: PersonNames, at: number): Promise<HeldName[]>;
  /** All names of everyone of whom nothing is known since then. */
  inactiveNames(before: number): Promise<HeldName[]>;
  /** Every row about a person by table, and, asked for, the parts of raw records that name them. */
  heldOn(names: readonly HeldName[], records: boolean): Promise<{ tables: Record<string, unknown[]>; records: unknown[] }>;
  /** Reads the list of who is forgotten again; from then on nobody of them is read out of log and archive. */
  reloadForgotten(): Promise<void>;
}
