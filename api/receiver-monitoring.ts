import type { FastifyInstance } from 'fastify';
import { counter, gauge, ownFamilies } from './monitoring.ts';
import type { ReceiverDesk } from './receiver-desk.ts';
import type { OwnerLink } from './receiver-owner.ts';
import { renderFamilies, type Telemetry } from './telemetry.ts';

/** `GET /metrics` of a receiver: its own intake, and how it stands with the owner. */
export function receiverMonitoring(
  app: FastifyInstance,
  { telemetry, desk, owner, version }: { telemetry: Telemetry; desk: ReceiverDesk; owner: OwnerLink; version: string },
): void {
  app.get('/metrics', { config: { right: 'operate' }, schema: { hide: true } }, (_request, reply) => {
    const { passed, split, away } = desk.counters;
    const families = [
      ...ownFamilies(telemetry, version),
      gauge(
        'sluice_owner_up',
        'Whether the newest request to the warehouse was answered',
        owner.up === null ? [] : [{ value: owner.up ? 1 : 0 }],
      ),
      counter('sluice_receiver_permits_total', 'Requests for sending rights by where they were answered', [
        { labels: 'by="owner"', value: passed },
        { labels: 'by="nobody"', value: away },
      ]),
      counter('sluice_receiver_rights_split_total', 'Sending rights granted while the warehouse was away', [{ value: split }]),
      gauge('sluice_receiver_rights_held', 'Sending rights held for the time when it is', [{ value: desk.held() }]),
    ];
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(renderFamilies(families));
  });
}
