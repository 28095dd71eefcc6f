/** Names and tags of all that a run makes, derived from the run's id alone, so that whoever finds one knows the run. */

/** What every instance and parameter group of a restore test begins with. */
export const TEST_PREFIX = 'roc-v-';
/** The value of `roc:managed` on what may be taken away; a restore that is kept carries another. */
export const TEST_MARK = 'restore-test';

export interface TagFacts {
  readonly run: string;
  readonly source: string;
  /** Epoch milliseconds after which the sweeper may take it away. */
  readonly expires: number;
  readonly owner: string;
}

/** `20261122-001500-k3x9qz`: sortable by time, and unlikely to meet another. */
export function newRunId(now: number, random: () => number): string {
  const stamp = new Date(now)
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
  const letters = Array.from({ length: 6 }, () => ALPHABET[Math.floor(random() * ALPHABET.length)] ?? 'a');
  return `${stamp}-${letters.join('')}`;
}

export function isRunId(text: string): boolean {
  return /^\d{8}-\d{6}-[a-z0-9]{6}$/.test(text);
}

/** Of the instance and of the copied parameter group; RDS takes 63 characters. */
export function testIdOf(run: string): string {
  return `${TEST_PREFIX}${run}`;
}

export function runTags({ run, source, expires, owner }: TagFacts): Record<string, string> {
  return {
    'roc:managed': TEST_MARK,
    'roc:run': run,
    'roc:source': source,
    'roc:expires': new Date(expires).toISOString(),
    'roc:owner': tagValue(owner),
  };
}

/** AWS takes letters, digits, spaces and these signs in a tag's value, 256 at most. */
export function tagValue(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.:/=+@-]/gu, '_').slice(0, 256);
}

// No vowels, so that no words come out; no letters that look like digits.
const ALPHABET = 'bcdfghjkmnpqrstvwxz23456789';
