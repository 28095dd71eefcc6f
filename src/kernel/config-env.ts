/** `ROC_<SECTION>__<KEY>` variables as configuration: text, which the schema of the section says how to read. */
import type { z } from 'zod';
import { isMapping } from './config-file.js';

/** One variable: `ROC_SERVER__TLS__CERT` is `server`, `['tls', 'cert']`. */
export interface ConfigVariable {
  readonly name: string;
  readonly section: string;
  readonly keys: readonly string[];
  readonly text: string;
}

/** The variables of the form above; other ROC_ variables (ROC_URL, ROC_TOKEN) have meanings of their own. */
export function configVariables(env: Readonly<Record<string, string | undefined>>): ConfigVariable[] {
  return Object.entries(env).flatMap(([name, text]) => {
    if (text === undefined || !name.startsWith('ROC_')) return [];
    const [section = '', ...keys] = name.slice('ROC_'.length).split('__').map(camelCase);
    return keys.length === 0 ? [] : [{ name, section, keys, text }];
  });
}

/**
 * Reads texts from variables as what the schema expected at their place: a number, true or false, a list
 * (`a,b` or JSON), a mapping (JSON). What does not read as such stays text, so that the issue names it.
 * @returns the value with the texts replaced, or null where no issue is about one of them
 */
export function coerceTexts(
  value: Record<string, unknown>,
  variables: readonly ConfigVariable[],
  issues: readonly z.core.$ZodIssue[],
): Record<string, unknown> | null {
  let coerced: Record<string, unknown> | null = null;
  for (const variable of variables) {
    const { keys, text } = variable;
    const issue = issues.find((candidate) => isAbout(candidate, variable));
    // A flag may stand where the variable's text stood.
    if (issue === undefined || valueAt(value, keys) !== text) continue;
    const read = readAs(expectedBy(issue), text);
    if (read !== text) coerced = withValue(coerced ?? value, keys, read);
  }
  return coerced;
}

/** True where an issue is about the value that a variable gave, or about its name. */
export function isAbout(issue: z.core.$ZodIssue, { keys }: ConfigVariable): boolean {
  const path = issue.path.map(String);
  if (path.some((key, i) => key !== keys[i])) return false;
  return issue.code === 'unrecognized_keys'
    ? issue.keys.includes(keys[path.length] ?? '')
    : path.length === keys.length;
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce(
    (inner, key) => (isMapping(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

function expectedBy(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'invalid_type') return [issue.expected];
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(expectedBy);
  return [];
}

function readAs(expected: readonly string[], text: string): unknown {
  if (expected.some((type) => type === 'number' || type === 'int') && /^-?\d+(\.\d+)?$/.test(text))
    return Number(text);
  if (expected.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  if (expected.includes('array'))
    return text.startsWith('[') ? readJson(text) : text.split(',').map((item) => item.trim());
  if (expected.some((type) => type === 'object' || type === 'record') && text.startsWith('{'))
    return readJson(text);
  return text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withValue(
  value: Record<string, unknown>,
  keys: readonly string[],
  leaf: unknown,
): Record<string, unknown> {
  const [key = '', ...rest] = keys;
  const inner = value[key];
  const next = rest.length === 0 ? leaf : withValue((inner ?? {}) as Record<string, unknown>, rest, leaf);
  return { ...value, [key]: next };
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
