/** The rules that are data: what stands at a path of a resource's properties, against what is expected there. */
import type { Template, TemplateResource } from '../template.js';
import type { Finding } from './finding.js';
import type { Expectation, PostureRule } from './policy.js';

/** Findings of a rule with `on` and `expect`, or with `requires`. */
export function judgeByData(rule: PostureRule, { Resources }: Template): Finding[] {
  const { expect, on, requires, where } = rule;
  const all = Object.entries(Resources);
  if (requires !== undefined) {
    const isThere = all.some(([, resource]) => resource.Type === requires);
    return isThere ? [] : [findingOf(rule, 'stack')];
  }
  if (expect === undefined) return [];
  return all
    .filter(([, resource]) => resource.Type === on && (where === undefined || meets(resource, where)))
    .filter(([, resource]) => !meets(resource, expect))
    .map(([id]) => findingOf(rule, id));
}

export function findingOf({ id, severity, why, fix }: PostureRule, resource: string): Finding {
  return { id, severity, resource, why, fix };
}

/** A path that begins with `$` is of the resource itself (`$DeletionPolicy`), every other one of its properties. */
function meets(resource: TemplateResource, expect: Expectation): boolean {
  const isAttribute = expect.path.startsWith('$');
  const from: unknown = isAttribute ? resource : resource.Properties;
  const values = valuesAt(from, expect.path.replace(/^\$/, '').split('.'));
  if (expect.absent) return values.every((value) => value === undefined);
  // A list with nothing in it says nothing: an expectation about each of its items is not met.
  return values.length > 0 && values.every((value) => holds(value, expect));
}

function holds(value: unknown, expect: Expectation): boolean {
  if (value === undefined || value === null) return false;
  if (expect.present) return value !== '';
  if (expect.is !== undefined) return same(value, expect.is);
  if (expect.oneOf !== undefined) return expect.oneOf.some((one) => same(value, one));
  if (expect.atLeast !== undefined) return Number(value) >= expect.atLeast;
  return new RegExp(expect.matches ?? '').test(typeof value === 'string' ? value : JSON.stringify(value));
}

// CloudFormation takes "true" for true and "35" for 35.
function same(value: unknown, expected: string | number | boolean): boolean {
  return String(value) === String(expected);
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  const isEach = step.endsWith('[]');
  const name = isEach ? step.slice(0, -2) : step;
  const inner =
    name === '' ? value : typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  if (!isEach) return valuesAt(inner, rest);
  return Array.isArray(inner) ? inner.flatMap((item) => valuesAt(item, rest)) : [undefined];
}
