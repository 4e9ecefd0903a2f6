import type { CountedMessage, MessageQuestion } from '../message-desk.ts';
import { shownTo } from '../message-desk.ts';
import type { Role } from '../roles.ts';
import type { Warehouse } from '../warehouse.ts';
import { explainCode } from './error-codes.ts';
import type { Filters } from './filters.ts';
import { PlainTable } from './view/plain-table.tsx';
import type { Words } from './words.ts';

/** Messages shown at once. */
const shown = 50;

interface Ask {
  warehouse: Pick<Warehouse, 'messages' | 'campaigns'>;
  counts: MessageQuestion['counts'];
  filters: Filters;
  words: Words;
  role: Role;
}

/** The messages that a figure counts: when each was, to whom as far as the reader may see, and how long after that it came how far. */
export async function messagesContent({ warehouse, counts, filters, words, role }: Ask) {
  const { t } = words;
  const { from, to, where } = filters;
  const [found, campaigns] = await Promise.all([
    warehouse.messages({ counts, where, from, limit: shown, ...(to === undefined ? {} : { to }) }),
    warehouse.campaigns(),
  ]);
  const names = new Map(campaigns.map(({ campaign_id, name }) => [campaign_id, name]));
  const chosen = Object.entries(where).map(([dimension, values]) => {
    const labels = values.map((id) => (dimension === 'campaign' ? names.get(id) : null) ?? id);
    return words.labelled(words.dimension(dimension), words.list(labels));
  });
  const messages = found.slice(0, shown).map((message) => shownTo(role, message));
  return (
    <section class="panel" aria-labelledby="panel-messages" data-key="messages">
      <h2 id="panel-messages">{t(found.length > shown ? 'messages.newest' : 'messages.all', { n: messages.length })}</h2>
      <p class="quiet">{[...chosen, t('messages.note')].join(' · ')}</p>
      {messages.length === 0 ? (
        <p class="quiet">{t('panel.none')}</p>
      ) : (
        <PlainTable
          title={t('messages.title')}
          words={words}
          class="plain messages"
          head={[
            { label: t('messages.at') },
            { label: t('messages.recipient') },
            { label: t('dimension.campaign') },
            { label: t('dimension.market') },
            ...steps.map(({ metric }) => ({ label: words.metric(metric), number: true })),
          ]}
          rows={messages.map((message) => ({ key: message.message_id, cells: cells(message, names, words) }))}
        />
      )}
    </section>
  );
}

const steps = [
  { metric: 'messages_delivered', of: (message: CountedMessage) => message.delivered_at },
  { metric: 'messages_read', of: (message: CountedMessage) => message.read_at },
  { metric: 'messages_replied', of: (message: CountedMessage) => message.replied_at },
  { metric: 'messages_clicked', of: (message: CountedMessage) => message.clicked_at },
  { metric: 'messages_converted', of: (message: CountedMessage) => message.converted_at },
  { metric: 'messages_unsubscribed', of: (message: CountedMessage) => message.unsubscribed_at },
  { metric: 'messages_failed', of: (message: CountedMessage) => message.failed_at },
] as const;

function cells(message: CountedMessage, names: ReadonlyMap<string, string | null>, words: Words) {
  const { campaign_id: campaign, error_code: code } = message;
  const since = (at: string) => words.duration(Math.max(0, (Date.parse(at) - Date.parse(message.message_at)) / 1000));
  const notes = [message.variant_id, message.template_name].filter((part) => part !== null).join(' · ');
  const meaning = code === null ? null : explainCode(Number(code), words.language).meaning;
  return [
    <span key="at" title={message.message_id}>
      {words.dateTime(message.message_at)}
    </span>,
    <>
      {message.contact_id ?? message.phone ?? words.t('unanswered.unknown')}
      {message.contact_id === null || message.phone === null ? null : <span class="note">{message.phone}</span>}
    </>,
    <>
      {campaign === null ? words.t('campaign.none') : (names.get(campaign) ?? campaign)}
      {notes === '' ? null : <span class="note">{notes}</span>}
    </>,
    message.market === null ? '—' : words.member('market', message.market),
    ...steps.map(({ metric, of }) => {
      const at = of(message);
      if (at === null) return '—';
      if (metric !== 'messages_failed' || code === null) return since(at);
      return (
        <>
          {since(at)}
          <span class="note" title={meaning ?? undefined}>
            {code}
          </span>
        </>
      );
    }),
  ];
}
