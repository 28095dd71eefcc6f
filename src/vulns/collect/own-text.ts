/** Texts that outlive their partition. */

/** The same text in memory of its own: a piece of a longer one keeps all of that alive. */
export function ownText(piece: string): string {
  const own = Buffer.from(piece).toString();
  // Lone surrogates do not survive UTF-8.
  return own === piece ? own : piece;
}
