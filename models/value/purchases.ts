/** What a buying process needs to know of one customer. Times in one unit, counted from the first purchase. */
export interface PurchaseHistory {
  /** Days with a purchase after the first one. */
  frequency: number;
  /** From the first purchase to the last. */
  recency: number;
  /** From the first purchase to now. */
  T: number;
}

/** Customers with the same history, by column: the sufficient statistics of a buying process. */
export interface PurchaseGroups {
  frequency: ArrayLike<number>;
  recency: ArrayLike<number>;
  T: ArrayLike<number>;
  /** How many customers share each history. */
  customers: ArrayLike<number>;
}

/** Puts equal histories together, so that a fit costs as much as there are different ones. */
export function groupPurchases(histories: Iterable<PurchaseHistory>): PurchaseGroups {
  const groups = new Map<string, PurchaseHistory & { customers: number }>();
  for (const { frequency, recency, T } of histories) {
    const key = `${frequency} ${recency} ${T}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { frequency, recency, T, customers: 1 });
    else group.customers += 1;
  }
  const column = (of: (group: PurchaseHistory & { customers: number }) => number) => Float64Array.from(groups.values(), of);
  return {
    frequency: column(({ frequency }) => frequency),
    recency: column(({ recency }) => recency),
    T: column(({ T }) => T),
    customers: column(({ customers }) => customers),
  };
}

/** Customers of all groups, and those among them who came back. */
export function countCustomers({ frequency, customers }: Pick<PurchaseGroups, 'frequency' | 'customers'>): {
  customers: number;
  customers_with_repeat: number;
} {
  let all = 0;
  let repeat = 0;
  for (let i = 0; i < customers.length; i += 1) {
    const n = customers[i] ?? 0;
    all += n;
    if ((frequency[i] ?? 0) > 0) repeat += n;
  }
  return { customers: all, customers_with_repeat: repeat };
}
