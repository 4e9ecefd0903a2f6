import { bounded, micros } from './money.ts';
import type { Output } from './output.ts';
import { isObject, type JsonObject, text } from './read.ts';

/** The basket that an `order` message carries is a conversion with its value. */
export function decodeOrder(
  out: Output,
  messageId: string,
  at: bigint,
  phoneAlias: string | null,
  userAlias: string | null,
  order: JsonObject,
): void {
  const items = Array.isArray(order['product_items']) ? order['product_items'] : [];
  const currency = currencyOf(items);
  out.into.conversion.push({
    event_id: `inbound:${messageId}`,
    kind: 'order',
    occurred_at: at,
    contact_alias: null,
    phone_alias: phoneAlias,
    user_alias: userAlias,
    order_id: messageId,
    goal: null,
    amount_micros: currency === null ? null : total(items),
    currency,
    send_id: null,
    campaign_id: null,
  });
}

/** The currency that all items share; null when they do not, or when there are none. */
function currencyOf(items: unknown[]): string | null {
  const currencies = new Set(items.map((item) => (isObject(item) ? text(item['currency']) : null)));
  const [only] = currencies;
  return currencies.size === 1 && only !== undefined ? only : null;
}

/** Σ quantity × price, exact; null as soon as one item has no readable price: a part of a basket is not its value. */
function total(items: unknown[]): bigint | null {
  let sum = 0n;
  for (const item of items) {
    const amount = isObject(item) ? micros(item['quantity'], item['item_price']) : null;
    if (amount === null) return null;
    sum += amount;
  }
  return bounded(sum);
}
