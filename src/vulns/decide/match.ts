/** Does a rule of a policy, an asset or a suppression speak of this finding? Globs know `*` and `?` only. */
import type { Merged } from '../model.js';

/** Conditions that must all hold; the schema of a policy makes it. */
export interface MatchRule {
  readonly key?: string | undefined;
  readonly cve?: string | undefined;
  readonly package?: string | undefined;
  readonly repo?: string | undefined;
  readonly resource?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly control?: string | undefined;
  readonly kind?: string | undefined;
  readonly lane?: string | undefined;
  readonly tool?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export type Matcher = (finding: Merged) => boolean;

/** Compiles a rule once; a condition on a fact that the finding lacks does not hold. */
export function compileMatch(rule: MatchRule): Matcher {
  const tests: Matcher[] = [];
  if (rule.key !== undefined) {
    const fits = globTest(rule.key);
    tests.push((f) => fits(f.key) || fits(f.trackKey));
  }
  if (rule.cve !== undefined) {
    const fits = globTest(rule.cve);
    tests.push((f) => fits(f.cve) || fits(f.advisory) || (f.aliases ?? []).some(fits));
  }
  if (rule.package !== undefined) {
    const fits = globTest(rule.package);
    // What is said of one package says nothing of the others that the finding covers.
    tests.push((f) => [f.package, ...(f.alsoIn ?? [])].every((pkg) => fits(pkg?.name)));
  }
  for (const [name, read] of READERS) {
    const pattern = rule[name];
    if (pattern === undefined) continue;
    const fits = globTest(pattern);
    tests.push((f) => fits(read(f)));
  }
  if (rule.tool !== undefined) {
    const fits = globTest(rule.tool);
    tests.push((f) => f.sources.some((source) => fits(source.tool)));
  }
  for (const [name, pattern] of Object.entries(rule.tags ?? {})) {
    const fits = globTest(pattern);
    tests.push((f) => (f.resource.tags ?? []).some(([key, value]) => key === name && fits(value)));
  }
  return (finding) => tests.every((test) => test(finding));
}

type SimpleCondition = 'repo' | 'resource' | 'account' | 'region' | 'control' | 'kind' | 'lane';

const READERS: readonly (readonly [SimpleCondition, (f: Merged) => string | undefined])[] = [
  ['repo', (f) => f.resource.repo],
  ['resource', (f) => f.resource.id],
  ['account', (f) => f.resource.account],
  ['region', (f) => f.resource.region],
  ['control', (f) => f.control],
  ['kind', (f) => f.kind],
  ['lane', (f) => f.lane],
];

/** A test of `*` (any run) and `?` (one character); linear, so that no pattern can hang it. */
function globTest(pattern: string): (text: string | undefined) => boolean {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  return (text) => text !== undefined && globMatches(pattern, text);
}

function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') {
      p++;
      t++;
    } else if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** An owner rule's text with `{tag:NAME}` filled in; null when the resource lacks the tag. */
export function fillOwner(template: string, finding: Merged): string | null {
  let complete = true;
  const text = template.replace(/\{tag:([^}]+)\}/g, (_, name: string) => {
    const value = (finding.resource.tags ?? []).find(([key]) => key === name)?.[1];
    if (value === undefined) complete = false;
    return value ?? '';
  });
  return complete ? text : null;
}
