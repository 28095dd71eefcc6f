/** Reading JSON of unknown shape: every accessor says what it takes and gives undefined for anything else. */

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object, or an empty one. */
export function object(value: unknown): JsonObject {
  return isObject(value) ? value : EMPTY;
}

const EMPTY: JsonObject = Object.freeze(Object.create(null) as JsonObject);

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NONE;
}

const NONE: readonly unknown[] = Object.freeze([]);

export function objects(value: unknown): readonly JsonObject[] {
  return all(list(value), isObject);
}

// Lists are nearly always as they should be, and then no copy is made.
function all<T>(values: readonly unknown[], fits: (value: unknown) => value is T): readonly T[] {
  for (const value of values) if (!fits(value)) return values.filter(fits);
  return values as readonly T[];
}

/** A string that is not empty; anything longer than a megabyte is no name and no id. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length < 1_000_000 ? value : undefined;
}

export function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value === '' || value.length > 30) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** A member by its camelCase name, whatever the case of its first letter: AWS writes `severity` and `Severity`. */
export function member(from: JsonObject, name: string): unknown {
  return from[name] ?? from[name.charAt(0).toUpperCase() + name.slice(1)];
}

/** Strings of a list, without what is none. */
export function texts(value: unknown): readonly string[] {
  return all(list(value), isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Tags as pairs, from `{k: v}`, `[{Key, Value}]`, `[{key, value}]` and `[{name, value}]`. */
export function tagPairs(value: unknown): readonly (readonly [string, string])[] | undefined {
  const pairs = Array.isArray(value)
    ? objects(value).map((tag) => [
        text(tag['Key'] ?? tag['key'] ?? tag['name']),
        tag['Value'] ?? tag['value'],
      ])
    : Object.entries(object(value));
  const kept = pairs
    .filter((pair): pair is [string, string] => typeof pair[0] === 'string' && typeof pair[1] === 'string')
    .slice(0, 100);
  return kept.length === 0 ? undefined : kept;
}
