/** The schema of the copy against the manifest's, definition by definition. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { chooseMode } from '../manifest/table-modes.js';
import { readSchema, type SchemaObject } from '../mysql/schema-objects.js';
import type { CheckContext, Outcome } from './context.js';

export interface SchemaDifference {
  readonly object: string;
  readonly what: 'missing' | 'added' | 'changed';
  readonly expected: string | null;
  readonly actual: string | null;
}

const MOST_NAMED = 4;
const MOST_DETAILS = 100;

export async function checkSchema({ manifest, sessions, databases, input }: CheckContext): Promise<Outcome> {
  if (manifest === null)
    return {
      verdict: 'inconclusive',
      expected: 'the schema of the manifest',
      actual: 'the point has no manifest',
    };
  const differences: SchemaDifference[] = [];
  let objects = 0;
  const hashes: string[] = [];
  for (const expected of manifest.databases) {
    const isThere = databases.includes(expected.name);
    const actual = isThere ? await sessions.use((sql) => readSchema(sql, expected.name)) : [];
    objects += expected.schema.length;
    hashes.push(canonicalSha256(actual));
    const isExcluded = ({ kind, name }: SchemaObject) =>
      OF_TABLES.has(kind) &&
      'excluded' in chooseMode(input.asset.checks.tables, expected.name, name.split('.')[0] ?? '');
    const kept = (list: readonly SchemaObject[]) => list.filter((object) => !isExcluded(object));
    differences.push(...diffSchema(expected.name, kept(expected.schema), kept(actual)));
  }
  const actual = differences.slice(0, MOST_NAMED).map(({ object, what }) => `${object} ${what}`);
  const more = differences.length > MOST_NAMED ? `; ${differences.length - MOST_NAMED} more` : '';
  return {
    verdict: differences.length === 0 ? 'pass' : 'fail',
    expected: `${objects} definitions as in the manifest`,
    actual: differences.length === 0 ? 'all the same' : `${actual.join('; ')}${more}`,
    details: { sha256: canonicalSha256(hashes), differences: differences.slice(0, MOST_DETAILS) },
  };
}

/** Pure: what is missing, added or changed, in the order of the expected. */
export function diffSchema(
  database: string,
  expected: readonly SchemaObject[],
  actual: readonly SchemaObject[],
): SchemaDifference[] {
  const keyOf = ({ kind, name }: SchemaObject) => `${kind} ${name === '' ? database : `${database}.${name}`}`;
  const byKey = new Map(actual.map((object) => [keyOf(object), object]));
  const known = new Set(expected.map(keyOf));
  const changes = expected.flatMap((object): SchemaDifference[] => {
    const found = byKey.get(keyOf(object));
    if (found?.definition === object.definition) return [];
    const what = found === undefined ? 'missing' : 'changed';
    return [{ object: keyOf(object), what, expected: object.definition, actual: found?.definition ?? null }];
  });
  const added = actual
    .filter((object) => !known.has(keyOf(object)))
    .map((object) => ({
      object: keyOf(object),
      what: 'added' as const,
      expected: null,
      actual: object.definition,
    }));
  return [...changes, ...added];
}

const OF_TABLES: ReadonlySet<string> = new Set(['table', 'column', 'index', 'foreign key', 'check']);
