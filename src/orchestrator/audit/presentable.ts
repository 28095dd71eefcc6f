/** What people wrote, as an audit event may hold it: every text well-formed and of bounded length. */

const MAX_TEXT = 1000;
const MAX_DEPTH = 6;

/** Undefined members are left out; what lies too deep is named, not kept. */
export function presentable<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return shorten(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return '…' as T;
  if (Array.isArray(value)) return value.map((item: unknown) => presentable(item, depth + 1)) as T;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [shorten(name), presentable<unknown>(member, depth + 1)]),
  ) as T;
}

// Half a surrogate pair has no canonical form: it would make the change that is told impossible.
function shorten(text: string): string {
  const whole = text.replace(/\p{Surrogate}/gu, '\uFFFD');
  return whole.length <= MAX_TEXT ? whole : `${whole.slice(0, MAX_TEXT).replace(/\p{Surrogate}/gu, '')}…`;
}
