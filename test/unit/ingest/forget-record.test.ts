import { describe, expect, it } from 'vitest';
import { aliasId, contactAlias, phoneAlias, userAlias } from '../../../ingest/alias.ts';
import { countryOfPhone } from '../../../ingest/country.ts';
import { decodeRecord } from '../../../ingest/decode.ts';
import { forgetIn } from '../../../ingest/forget-record.ts';
import { type ForgetRequest, Forgotten, forgottenName, type Named } from '../../../ingest/forgotten.ts';
import type { LogRecord, RecordKind } from '../../../ingest/record.ts';
import { emptyDecoded } from '../../../ingest/staged.ts';

const key = 'the key of this folder';
const asked = Date.parse('2026-11-20T00:00:00Z');
const before = asked - 86_400_000;
const phone = '4915112345678';
const wamid = `wamid.${Buffer.from(`\x1c\x18\x0d${phone}\x15\x02\x00\x11\x18\x12ABCDEF0123`, 'latin1').toString('base64')}`;

function request(names: (Named | null)[], bounds: { from?: number; to?: number } = {}): ForgetRequest {
  const found = names.filter((name): name is Named => name !== null);
  return {
    id: 'r1',
    at: asked,
    salt: 'salt',
    names: found.map((name) => forgottenName(key, name, bounds.from ?? null, bounds.to ?? null)),
    swept_at: null,
  };
}

const forgotten = new Forgotten(key, [request([phoneAlias(phone), contactAlias('anna-1'), userAlias('DE.9876543210987654')])]);

function record(body: unknown, kind: RecordKind = 'webhook', at = before): LogRecord {
  return { partition: 'log', offset: 7n, kind, receivedAt: BigInt(at) * 1000n, body: Buffer.from(JSON.stringify(body)) };
}

const textOf = ({ body }: LogRecord) => Buffer.from(body).toString();
const webhook = (value: object) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '102290129340398', changes: [{ field: 'messages', value }] }],
});
const metadata = { display_phone_number: '15550783881', phone_number_id: '106540352242922' };
const written = webhook({
  messaging_product: 'whatsapp',
  metadata,
  contacts: [{ profile: { name: 'Anna Muster' }, wa_id: phone }],
  messages: [{ from: phone, id: wamid, timestamp: '1763550000', type: 'text', text: { body: 'My number is +49 151 12345678' } }],
});
const delivered = webhook({
  messaging_product: 'whatsapp',
  metadata,
  statuses: [
    { id: wamid, status: 'delivered', timestamp: '1763550000', recipient_id: phone, biz_opaque_callback_data: 'send-1' },
  ],
});

function decoded(one: LogRecord) {
  const rows = emptyDecoded();
  decodeRecord(one, rows);
  return rows;
}

describe('a forgotten person in a record', () => {
  it('leaves neither number, nor name, nor words, nor the number inside the message id', () => {
    const text = textOf(forgetIn(record(written), forgotten));
    expect(text).not.toContain(phone);
    expect(text).not.toContain('12345678');
    expect(text).not.toContain('Anna');
    const id = /wamid\.([\w+/=]+)/.exec(text)?.[1] ?? '';
    expect(Buffer.from(id, 'base64').toString('latin1')).not.toContain(phone);
    expect(Buffer.from(id, 'base64').toString('latin1')).toContain('ABCDEF0123');
  });

  it('is the same stand-in in every record, of the same country, and decodes to the same rows otherwise', () => {
    const [inbound] = decoded(forgetIn(record(written), forgotten)).inbound;
    const [status] = decoded(forgetIn(record(delivered), forgotten)).status;
    expect(inbound?.phone_alias).toBe(status?.phone_alias);
    expect(inbound?.phone_alias).not.toBe(aliasId('phone', phone));
    expect(inbound?.message_id).toBe(status?.message_id);
    expect(status).toMatchObject({ country: 'DE', send_id: 'send-1', status: 'delivered' });
    expect(inbound).toMatchObject({ counted_type: 'reply', counts_as_reply: true });
  });

  it('keeps the word by which they left', () => {
    const stop = JSON.parse(JSON.stringify(written).replace('My number is +49 151 12345678', 'STOP')) as object;
    const [consent] = decoded(forgetIn(record(stop), forgotten)).consent;
    expect(consent).toMatchObject({ state: 'withdrawn', source: 'stop_word', detail: 'stop' });
  });

  it('is taken out of events with what was said of them, and their neighbours stay', () => {
    const events = [
      {
        id: 'e1',
        type: 'contact.upserted',
        at: '2026-11-01T00:00:00Z',
        contact_id: 'anna-1',
        phone: `+${phone}`,
        name: 'Anna',
        attributes: { age: 34 },
      },
      {
        id: 'e2',
        type: 'contact.upserted',
        at: '2026-11-01T00:00:00Z',
        contact_id: 'bert-2',
        phone: '+4915200000000',
        name: 'Bert',
      },
    ];
    const rewritten = forgetIn(record(events, 'event'), forgotten);
    const [anna, bert] = decoded(rewritten).contact_profile;
    expect(anna).toMatchObject({ display_name: null, attributes: null });
    expect(bert?.display_name).toBe('Bert');
    expect(textOf(rewritten)).not.toMatch(/anna-1|Anna|34\b/);
    expect(decoded(rewritten).contact_alias.map(({ country }) => country)).toContain('DE');
  });

  it('is taken out of granted rights: the alias in the list of people and the id in the answer', () => {
    const grant = {
      permit_id: 'p',
      request_id: 'q',
      category: 'marketing',
      granted: 1,
      people: [aliasId('contact', 'anna-1')],
      at: before,
      expires_at: before + 1000,
      shadow: false,
      answer: { denied: [{ contact_id: 'anna-1', reason: 'no_consent' }] },
      address: {
        portfolio_id: null,
        waba_id: null,
        phone_number_id: null,
        template_name: null,
        template_language: null,
        campaign_id: null,
        variant_id: null,
        segment_id: null,
      },
    };
    const command = {
      command: 'permit.grant',
      command_id: 'c1',
      at: '2026-11-01T00:00:00Z',
      actor: 'ingest',
      id: 'p',
      body: { grants: [grant] },
    };
    const rewritten = forgetIn(record(command, 'command'), forgotten);
    const { permit, permit_person } = decoded(rewritten);
    expect(permit_person[0]?.person).toMatch(/^c/);
    expect(permit_person[0]?.person).not.toBe(aliasId('contact', 'anna-1'));
    expect(JSON.parse(permit[0]?.answer ?? '')).toMatchObject({ denied: [{ reason: 'no_consent' }] });
    expect(textOf(rewritten)).not.toContain('anna-1');
  });

  it('is not looked for in what came after the request, but for late statuses', () => {
    const day = 86_400_000;
    expect(textOf(forgetIn(record(written, 'webhook', asked + day), forgotten))).toContain(phone);
    expect(textOf(forgetIn(record(delivered, 'webhook', asked + 7 * day), forgotten))).not.toContain(phone);
    expect(textOf(forgetIn(record(delivered, 'webhook', asked + 9 * day), forgotten))).toContain(phone);
  });

  it('leaves a number to the person who has it now', () => {
    const handedOn = new Forgotten(key, [request([phoneAlias(phone)], { to: before - 1000 })]);
    expect(textOf(forgetIn(record(written), handedOn))).toContain(phone);
    expect(textOf(forgetIn(record(written, 'webhook', before - 2000), handedOn))).not.toContain(phone);
  });

  it('comes out the same when it is done again, and others are returned as they are', () => {
    const once = forgetIn(record(written), forgotten);
    expect(textOf(forgetIn(once, forgotten))).toBe(textOf(once));
    const other = record(JSON.parse(JSON.stringify(written).replaceAll(phone, '4915288888888').replaceAll(wamid, 'wamid.HBgM')));
    expect(forgetIn(other, forgotten)).toBe(other);
  });

  it.each(['16505551234', '447911123456', '441481960194', '77012345678', '79161234567', '919876543210'])(
    'keeps the country of %s',
    (number) => {
      const alias = phoneAlias(number);
      const people = new Forgotten(key, [request([alias])]);
      const instead = people.standIn('phone', number, before) ?? '';
      expect(instead).toHaveLength(20);
      expect(countryOfPhone(instead)).toBe(countryOfPhone(number));
      expect(instead).not.toContain(number.slice(-7));
    },
  );
});
