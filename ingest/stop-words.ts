/**
 * Words by which people leave or rejoin, when they are the whole message or button. Exactly the word, never a part of a sentence.
 * "Cancel" and "end" are left out: in a chat with a shop they mean an order more often than a list.
 */
const optOutWords = [
  // English, among it the platform's own opt-out button
  [
    'stop',
    'stop all',
    'stopall',
    'stop promotions',
    'stop messages',
    'stop marketing',
    'stop promo',
    'unsubscribe',
    'un subscribe',
  ],
  ['unsub', 'opt out', 'optout', 'quit', 'remove me', 'no more messages', 'do not contact me', "don't contact me"],
  // French
  [
    'arret',
    'arreter',
    'arretez',
    'desabonner',
    'desabonnement',
    'se desabonner',
    'me desabonner',
    'desinscrire',
    'se desinscrire',
  ],
  ['desinscription', 'stop pub', 'arreter les promotions'],
  // German
  ['stopp', 'abmelden', 'abbestellen', 'austragen', 'werbung stoppen', 'keine werbung', 'abmeldung'],
  // Spanish
  ['baja', 'darme de baja', 'dar de baja', 'darse de baja', 'cancelar suscripcion', 'anular suscripcion', 'parar'],
  ['detener promociones', 'desuscribir', 'desuscribirme', 'no mas mensajes'],
  // Portuguese
  ['sair', 'pare', 'descadastrar', 'descadastre', 'cancelar inscricao', 'interromper promocoes', 'parar promocoes'],
  ['nao quero receber', 'cancelar assinatura', 'desinscrever'],
  // Italian
  ['annulla iscrizione', 'disiscrivimi', 'disiscriviti', 'cancellami', 'cancella iscrizione', 'interrompi promozioni'],
  // Dutch
  ['afmelden', 'uitschrijven', 'stop reclame', 'stoppen', 'stop aanbiedingen'],
  // Polish, Romanian
  ['wypisz', 'wypisz mnie', 'rezygnuje', 'dezabonare', 'dezabonez'],
  // Turkish
  ['dur', 'abonelikten cik', 'abonelikten ayril', 'uyelikten cik'],
  // Indonesian, Malay
  ['berhenti', 'berhenti berlangganan', 'stop promosi', 'hentikan'],
  // Hindi, and Hindi in Latin letters
  ['बंद', 'बंद करें', 'बंद करो', 'रोकें', 'रोको', 'सदस्यता समाप्त करें', 'band karo', 'band kare', 'roko'],
  // Arabic, Urdu, Persian
  ['توقف', 'ايقاف', 'إيقاف', 'إلغاء الاشتراك', 'الغاء الاشتراك', 'قف', 'بند کریں', 'لغو عضویت'],
  // Hebrew, Russian, Ukrainian, Chinese, Japanese
  ['הסר', 'הסרה', 'עצור', 'стоп', 'отписаться', 'отписка', 'відписатися', '退订', '退訂', '取消订阅', '停止', '配信停止'],
].flat();

const optInWords = [
  ['start', 'unstop', 'subscribe', 'resubscribe', 'opt in', 'optin', 'sign me up', 'resume promotions'],
  ['abonner', "s'abonner", 'anmelden', 'suscribir', 'suscribirme', 'inscrever', 'iscrivimi'],
  ['aanmelden', 'basla', 'abone ol', 'mulai', 'berlangganan', 'शुरू', 'शुरू करें', 'ابدأ', 'اشتراك', 'подписаться', '订阅'],
].flat();

const optOut = new Set(optOutWords.map(normalised));
const optIn = new Set(optInWords.map(normalised));
const longest = Math.max(...[...optOut, ...optIn].map((word) => word.length)) + 12;

/** Which word a text is, as it is compared: lower case, without Latin accents, punctuation and emoji; null when it is none. */
export function consentWord(text: string | null): { kind: 'opt_out' | 'opt_in'; word: string } | null {
  if (text === null || text.length > longest) return null;
  const word = normalised(text);
  if (optOut.has(word)) return { kind: 'opt_out', word };
  return optIn.has(word) ? { kind: 'opt_in', word } : null;
}

function normalised(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .toLowerCase()
    .replaceAll('ı', 'i')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
}
