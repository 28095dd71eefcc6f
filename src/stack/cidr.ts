/** IPv4 networks as numbers: reading them, cutting them up, and whether two of them meet. */

export interface Network {
  /** First address as an unsigned 32-bit number. */
  readonly first: number;
  readonly bits: number;
}

/** Reads `10.40.0.0/16`; null for anything else, an address with host bits set included. */
export function parseNetwork(text: string): Network | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = parts;
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return null;
  const first = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  return first % sizeOf(bits) === 0 ? { first, bits } : null;
}

/** True where two networks share an address. */
export function overlaps(a: Network, b: Network): boolean {
  return a.first < b.first + sizeOf(b.bits) && b.first < a.first + sizeOf(a.bits);
}

/** True where every address of `inner` is one of `outer`. */
export function contains(outer: Network, inner: Network): boolean {
  return inner.bits >= outer.bits && overlaps(outer, inner);
}

/** The `index`-th of the networks of `bits` bits that `network` falls into. */
export function subnetOf(network: Network, bits: number, index: number): Network {
  return { first: network.first + index * sizeOf(bits), bits };
}

export function formatNetwork({ first, bits }: Network): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join('.')}/${bits}`;
}

function sizeOf(bits: number): number {
  return 2 ** (32 - bits);
}
