/** A short mark of a text, to tell by mistake different texts apart: FNV-1a (Fowler, Noll, Vo 1991) in two lanes of 32 bits. */
export function fingerprint(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x84222325;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + (at & 0xff)), 0x01000193);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}
