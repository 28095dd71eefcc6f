/** Two templates compared property by property: what would read differently, before AWS has a say. */
import type { PropertyChange } from './change.js';
import { isCreateOnly } from './decide/stateful.js';
import type { Template, TemplateResource } from './template.js';

// What CloudFormation does not act on.
const SILENT = new Set(['Type', 'Metadata', 'DependsOn']);

/** By logical id: the properties that differ. A resource that is only on one side lists all of its own. */
export function diffTemplates(
  before: Template | null,
  after: Template,
): ReadonlyMap<string, readonly PropertyChange[]> {
  const ids = new Set([...Object.keys(before?.Resources ?? {}), ...Object.keys(after.Resources)]);
  const changes = new Map<string, readonly PropertyChange[]>();
  for (const id of ids) {
    const differing = diffResource(before?.Resources[id], after.Resources[id]);
    if (differing.length > 0) changes.set(id, differing);
  }
  return changes;
}

function diffResource(
  before: TemplateResource | undefined,
  after: TemplateResource | undefined,
): PropertyChange[] {
  const type = (after ?? before)?.Type ?? '';
  const attributes = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...attributes]
    .filter((attribute) => !SILENT.has(attribute))
    .flatMap((attribute) => diffValue(attribute, before?.[attribute], after?.[attribute]))
    .map(({ path, ...values }) => ({
      path,
      ...values,
      recreation: isCreateOnly(type, path.split('.')[1] ?? '') ? 'always' : 'never',
    }));
}

interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

function diffValue(path: string, before: unknown, after: unknown): Difference[] {
  if (sameJson(before, after)) return [];
  if (isMapping(before) && isMapping(after) && !isIntrinsic(before) && !isIntrinsic(after))
    return diffMembers(path, before, after);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, i) => diffValue(`${path}.${i}`, item, after[i]));
  // At the top of a resource, `Properties` as a whole would hide what is in it.
  if (path === 'Properties') return diffMembers(path, asMapping(before), asMapping(after));
  return [{ path, before, after }];
}

function diffMembers(
  path: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Difference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => diffValue(`${path}.${key}`, before[key], after[key]));
}

// `{"Ref": …}` and `{"Fn::…": …}` are one value each.
function isIntrinsic(value: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && /^(Ref|Condition|Fn::.+)$/.test(keys[0] ?? '');
}

function asMapping(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Order of keys is no difference. */
function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isMapping(a) || !isMapping(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}
