/** Random fractions by the system's generator, drawn in stock: a call into it for each of an id's 16 characters is dear. */
import { randomFillSync } from 'node:crypto';

const stock = new Uint8Array(4096);
let used = stock.length;

/** One of the 256 fractions n / 256 in [0, 1): enough for who takes a power of two up to 256 of equal parts. */
export function randomFraction(): number {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  const byte = stock[used] ?? 0;
  // What was given out is nobody's to read again.
  stock[used++] = 0;
  return byte / 256;
}
