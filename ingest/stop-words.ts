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

/**
 * What people say who did not want the message, but do not leave by a word: anywhere in a short text. No single everyday word is here:
 * "who is this" may come from a customer with a new phone, and counts once, among thousands.
 */
const complaintPhrases = [
  ['spam', 'scam', 'scammer', 'fraud', 'phishing', 'leave me alone', 'who is this', 'who are you', 'how did you get my number'],
  [
    'where did you get my number',
    'wrong number',
    'not interested',
    'stop texting me',
    'stop messaging me',
    'stop sending me',
    'reported you',
  ],
  ['arnaque', 'qui etes vous', 'qui est ce', 'laissez moi tranquille', 'pas interesse', 'pas interessee', 'mauvais numero'],
  ['comment avez vous eu mon numero', 'arretez de m envoyer', 'harcelement'],
  [
    'betrug',
    'wer ist das',
    'wer sind sie',
    'lasst mich in ruhe',
    'kein interesse',
    'falsche nummer',
    'woher haben sie meine nummer',
  ],
  ['estafa', 'quien eres', 'quien es', 'dejenme en paz', 'no me interesa', 'numero equivocado', 'como consiguieron mi numero'],
  [
    'golpe',
    'quem e voce',
    'me deixa em paz',
    'nao tenho interesse',
    'numero errado',
    'como conseguiu meu numero',
    'para de mandar',
  ],
  ['truffa', 'chi sei', 'chi siete', 'lasciatemi in pace', 'non mi interessa', 'non sono interessato', 'numero sbagliato'],
  ['oplichting', 'wie is dit', 'laat me met rust', 'geen interesse', 'verkeerd nummer'],
  ['oszustwo', 'kto to', 'nie interesuje mnie', 'pomylka', 'dolandirici', 'kimsiniz', 'ilgilenmiyorum', 'yanlis numara'],
  ['penipuan', 'siapa ini', 'tidak tertarik', 'salah nomor', 'kaun ho', 'mat bhejo', 'galat number'],
  ['احتيال', 'من انت', 'من معي', 'мошенники', 'кто это', 'не интересует', 'шахраї'],
].flat();

/** Words of the user beside ours. */
export interface OwnWords {
  optOut: readonly string[];
  optIn: readonly string[];
  complaints: readonly string[];
  /** Words of ours that mean something else to these customers. */
  leaveOut: readonly string[];
}

export const noWords: OwnWords = { optOut: [], optIn: [], complaints: [], leaveOut: [] };

function bookOf({ optOut, optIn, complaints, leaveOut }: OwnWords) {
  const left = new Set(leaveOut.map(normalised));
  const together = (ours: readonly string[], own: readonly string[]) =>
    new Set([...ours.map(normalised).filter((word) => !left.has(word)), ...own.map(normalised)]);
  const book = {
    optOut: together(optOutWords, optOut),
    optIn: together(optInWords, optIn),
    complaints: together(complaintPhrases, complaints),
  };
  const most = (words: Iterable<string>, of: (word: string) => number) => Math.max(0, ...[...words].map(of));
  return {
    ...book,
    longest: most([...book.optOut, ...book.optIn], ({ length }) => length) + 12,
    complaintWords: most(book.complaints, (phrase) => phrase.split(' ').length),
  };
}

let book = bookOf(noWords);

/** From now on these count in this thread, beside ours. Said once, when a thread starts: what was decoded before stays as it is. */
export function useWords(own: OwnWords): void {
  book = bookOf(own);
}

/** Whether a text of at most 160 characters complains about being written to. */
export function isComplaint(text: string | null): boolean {
  if (text === null || text.length > 160) return false;
  const words = normalised(text).split(' ');
  return words.some((_, from) =>
    Array.from({ length: book.complaintWords }, (_, more) => words.slice(from, from + more + 1).join(' ')).some((phrase) =>
      book.complaints.has(phrase),
    ),
  );
}

/** Which word a text is, as it is compared: lower case, without Latin accents, punctuation and emoji; null when it is none. */
export function consentWord(text: string | null): { kind: 'opt_out' | 'opt_in'; word: string } | null {
  if (text === null || text.length > book.longest) return null;
  const word = normalised(text);
  if (book.optOut.has(word)) return { kind: 'opt_out', word };
  return book.optIn.has(word) ? { kind: 'opt_in', word } : null;
}

/** A text as it is compared; empty when nothing is left of it. */
export function normalised(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .toLowerCase()
    .replaceAll('ı', 'i')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
}
