/** Member names that JSON.parse accepts in silence: the same name twice, and names that attack prototypes. */

export interface OddKey {
  readonly kind: 'duplicate-keys' | 'forbidden-keys';
  readonly message: string;
}

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Walks valid JSON text once; at most one report of each kind. */
export function findOddKeys(text: string): readonly OddKey[] {
  const found = new Map<OddKey['kind'], OddKey>();
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = stringEnd(text, at);
      const names = open.at(-1);
      if (names && isName(text, end)) note(names, nameOf(text, at, end), found);
      at = end - 1;
    }
  }
  return [...found.values()];
}

function note(names: Set<string>, name: string, found: Map<OddKey['kind'], OddKey>): void {
  const shown = JSON.stringify(name.slice(0, 60));
  if (names.has(name))
    found.set('duplicate-keys', {
      kind: 'duplicate-keys',
      message: `${shown} appears twice; the last one counts`,
    });
  if (FORBIDDEN.has(name))
    found.set('forbidden-keys', {
      kind: 'forbidden-keys',
      message: `a member is named ${shown}; it is ignored`,
    });
  names.add(name);
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function isName(text: string, end: number): boolean {
  for (let at = end; at < text.length; at++) {
    const char = text[at];
    if (char === ':') return true;
    if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return false;
  }
  return false;
}

function nameOf(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
}
