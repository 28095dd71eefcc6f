/** What the pages say that is to be typed, opened or read is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly commands: Record<string, { readonly flags: Record<string, { name: string; char?: string }> }>;
}

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as Manifest;
const pagesOf = (dir: string) => readdirSync(dir).map((name) => join(dir, name));
const PAGES = ['README.md', 'CONTRIBUTING.md', ...pagesOf('docs'), ...pagesOf('docs/adr')].filter((path) =>
  path.endsWith('.md'),
);
const textOf = (path: string) => readFileSync(path, 'utf8');
const wordsOf = (id: string) => id.split(':');
const topics = new Set(
  Object.keys(commands).flatMap((id) => wordsOf(id).map((_, i, words) => words.slice(0, i + 1).join(':'))),
);
/** Labels of formats, not commands. */
const LABELS = /^roc (?:master key id|key wrap v1)/;

/** `roc …` as it stands in blocks of code (after a prompt, `npx`, or variables) and between backticks. */
function typedIn(text: string): string[] {
  return text.split(/^```.*$/m).flatMap((part, i) => {
    const pattern =
      i % 2 === 1 ? /^ *(?:\$ |npx |[A-Z_]+=\S+ )*(roc [a-z].*)$/gm : /`(?:[A-Z_]+=\S+ )*(roc [a-z][^`]*)`/g;
    return [...part.matchAll(pattern)].map(([, code = '']) => code);
  });
}

/** What is wrong with a command line; null for one that would be taken. */
function faultOf(code: string): string | null {
  if (LABELS.test(code)) return null;
  const words =
    code
      .split(/ +#| {2,}| [|<>(]/, 1)[0]
      ?.split(/\s+/)
      .slice(1) ?? [];
  const id: string[] = [];
  while (words[0] !== undefined && topics.has([...id, words[0]].join(':'))) id.push(words.shift() ?? '');
  if (id.length === 0) return `no command: ${code}`;
  const command = commands[id.join(':')];
  if (command === undefined) return null;
  const known = Object.values(command.flags).flatMap(({ name, char }) => [`--${name}`, `-${char}`]);
  const rest = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const flags = rest.flatMap((word) => /^\[?(--?[a-z][a-z-]*)/.exec(word)?.[1] ?? []);
  const unknown = flags.find((flag) => !known.includes(flag) && flag !== '--help');
  return unknown === undefined ? null : `roc ${id.join(' ')} has no ${unknown}`;
}

function anchorsOf(path: string): string[] {
  return [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

describe.each(PAGES)('%s', (page) => {
  it('shows commands and flags that there are', () => {
    const shown = typedIn(textOf(page));
    expect(shown.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
  });

  it('links to pages, headings and pictures that there are', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names files of the project that there are', () => {
    const named = textOf(page).match(
      /\b(?:src|policies|schemas|test|examples|scripts|docs)\/[\w./-]+\.(?:ts|mjs|ya?ml|json|md|py)\b/g,
    );
    const missing = (named ?? []).filter((path) => !/[A-Z]{2}/.test(path) && !existsSync(path));
    expect(missing).toEqual([]);
  });
});

describe('the pages', () => {
  it('name every command', () => {
    const all = PAGES.map(textOf).join('\n').replace(/\s+/g, ' ');
    const untold = Object.keys(commands).filter((id) => !all.includes(`roc ${wordsOf(id).join(' ')}`));
    expect(untold).toEqual([]);
  });
});
