/** Version thresholds that the two sides compare, as numbers of up to four parts. */

/**
 * What this client says it is. The agent multiplexes only for clients from 1.1.70 and drops clients up to
 * 1.2.331.0 that send no keepalive; AWS documents 1.2.764.0 as the oldest it will serve.
 */
export const CLIENT_VERSION = '1.2.764.0';

/** The agent understands the flag that ends a session. */
export const FIRST_WITH_TERMINATE_FLAG = '2.3.722.0';
/** The agent carries many connections in one session. */
export const FIRST_WITH_MULTIPLEXING = '3.0.196.0';
/** From the next version on the agent wants no keepalive of the multiplexer. */
export const LAST_WITH_KEEPALIVE = '3.1.1511.0';

export function isAtLeast(version: string, least: string): boolean {
  return compareVersions(version, least) >= 0;
}

/** Negative, zero or positive; a missing part counts as 0, and text that is no version as the lowest. */
export function compareVersions(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < 4; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parts(version: string): number[] {
  return /^\d+(\.\d+)*$/.test(version) ? version.split('.').map(Number) : [-1];
}
