/** What of a robot's folder stays out of its package: a few names nobody wants, and the lines of a .rocignore. */
import { invalidPackage } from './invalid-package.js';

export const IGNORE_FILE = '.rocignore';

// node_modules stays in: a runner installs nothing. Its .bin holds links only, which a package may not have.
const DEFAULT_IGNORES = [
  '.git/',
  '.hg/',
  '.svn/',
  '.DS_Store',
  'Thumbs.db',
  'desktop.ini',
  '__MACOSX/',
  '__pycache__/',
  '*.pyc',
  '.venv/',
  '.pytest_cache/',
  '**/node_modules/.bin/',
  `/${IGNORE_FILE}`,
];

interface Rule {
  readonly matches: (path: string) => boolean;
  readonly foldersOnly: boolean;
  readonly keeps: boolean;
}

export interface Ignores {
  /** Whether a file or a folder (with all below it) stays out. */
  has(path: string, isFolder: boolean): boolean;
  /** Whether a file stays out for its own sake or for that of a folder above it. */
  hasFile(path: string): boolean;
}

/**
 * Reads a .rocignore: one pattern a line; `#` comments; `*` and `?` within a name, `**` over several; a leading `/`
 * or a `/` in the middle ties it to the top; a trailing `/` means folders only; `!` takes a former line back.
 * A file below a folder that stays out cannot be taken back.
 */
export function readIgnores(text = ''): Ignores {
  const rules = [...DEFAULT_IGNORES, ...text.split(/\r?\n/)].flatMap(ruleOf);
  const has = (path: string, isFolder: boolean) => {
    const last = rules.findLast((rule) => (isFolder || !rule.foldersOnly) && rule.matches(path));
    return last !== undefined && !last.keeps;
  };
  const hasFile = (path: string) => {
    const segments = path.split('/');
    const isBelowIgnored = segments.some((_, i) => i > 0 && has(segments.slice(0, i).join('/'), true));
    return isBelowIgnored || has(path, false);
  };
  return { has, hasFile };
}

function ruleOf(line: string): Rule[] {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return [];
  if (trimmed.length > 1024)
    throw invalidPackage('a line is longer than 1024 characters', { entry: IGNORE_FILE });
  const keeps = trimmed.startsWith('!');
  const glob = keeps ? trimmed.slice(1) : trimmed;
  const foldersOnly = glob.endsWith('/');
  const body = glob.replace(/^\//, '').replace(/\/$/, '');
  const isTied = glob.startsWith('/') || body.includes('/');
  const parts = [...(isTied ? [] : ['**']), ...body.split('/')];
  // What is below a folder, not the folder itself.
  if (parts.at(-1) === '**') parts.push('*');
  return [{ matches: (path) => matchesPath(parts, path.split('/')), foldersOnly, keeps }];
}

function matchesPath(parts: readonly string[], segments: readonly string[]): boolean {
  return globs(parts, segments, '**', (part, segment) =>
    globs(
      [...part.replace(/\*+/g, '*')],
      [...segment],
      '*',
      (wanted, char) => wanted === '?' || wanted === char,
    ),
  );
}

/** Linear in pattern times text, where a regular expression could take for ever: only the last star is gone back to. */
function globs(
  pattern: readonly string[],
  text: readonly string[],
  star: string,
  fits: (wanted: string, actual: string) => boolean,
): boolean {
  let [p, t] = [0, 0];
  let [starAt, starText] = [-1, 0];
  while (t < text.length) {
    if (pattern[p] === star) {
      [starAt, starText] = [p++, t];
    } else if (p < pattern.length && fits(pattern[p] as string, text[t] as string)) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++starText;
    } else return false;
  }
  while (pattern[p] === star) p++;
  return p === pattern.length;
}
