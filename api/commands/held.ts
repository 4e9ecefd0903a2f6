/** Something that must be closed. */
export interface Closable {
  close(): unknown;
}

/** Does `work`, then closes all that it gave to `held`, the newest first, whatever came of it. `held` gives back what it is given. */
export async function withHeld<T>(work: (held: <Part extends Closable>(part: Part) => Part) => Promise<T>): Promise<T> {
  const parts: Closable[] = [];
  try {
    return await work((part) => {
      parts.push(part);
      return part;
    });
  } finally {
    for (const part of parts.reverse()) await part.close();
  }
}
