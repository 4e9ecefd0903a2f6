import { benchToken } from '../child.ts';

/**
 * Bursts of HTTP requests for count permits, each permit with an id of its own, over many campaigns so that no window is the bound.
 * @param list permits asked for by one HTTP request, in a list; null for plain requests of one each
 */
export function permitBurst(run: string, list: number | null = null): (requests: number) => Buffer {
  let made = 0;
  const next = () => {
    made += 1;
    const campaign = made % 4999;
    return {
      request_id: `${run}-${made}`,
      phone_number_id: `n${campaign % 499}`,
      campaign_id: `c${campaign}`,
      template_name: 'autumn_sale',
      category: 'marketing',
      count: 1,
    };
  };
  return (requests) => {
    let text = '';
    for (let n = 0; n < requests; n += 1) text += permitRequest(list === null ? next() : Array.from({ length: list }, next));
    return Buffer.from(text);
  };
}

/** One whole HTTP/1.1 request for a permit. Bodies here are ASCII. */
export function permitRequest(body: object): string {
  const text = JSON.stringify(body);
  return `POST /v1/permits HTTP/1.1\r\nHost: sluice\r\nAuthorization: Bearer ${benchToken}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}
