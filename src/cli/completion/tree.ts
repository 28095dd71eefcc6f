/** What can be typed after `roc`, as data for the shells' completion scripts. */
import type { Command } from '@oclif/core';

export interface CompletionFlag {
  /** `--state`, and `-f` where it has a letter. */
  readonly names: readonly string[];
  readonly summary: string;
  /** What may follow: nothing, one of a few words, a file or folder, or what only a person knows. */
  readonly value: 'none' | 'file' | 'free' | readonly string[];
}

export interface CompletionNode {
  /** Words after `roc`, joined by spaces; empty for the root. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly CompletionFlag[];
  /** Words that its first argument may be. */
  readonly words: readonly string[];
}

type Source = Pick<Command.Cached, 'id' | 'summary' | 'flags' | 'args' | 'hidden'>;
type Topic = { readonly name: string; readonly description?: string | undefined };

const HELP: CompletionFlag = { names: ['--help'], summary: 'show help', value: 'none' };

/** Every topic and command, the root first, then by path. */
export function completionTree(commands: readonly Source[], topics: readonly Topic[]): CompletionNode[] {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const byPath = new Map(shown.map((command) => [command.id.replaceAll(':', ' '), command]));
  const described = new Map(topics.map(({ name, description }) => [name.replaceAll(':', ' '), description]));
  const paths = new Set(['']);
  for (const path of byPath.keys()) {
    const words = path.split(' ');
    for (let length = 1; length <= words.length; length++) paths.add(words.slice(0, length).join(' '));
  }
  return [...paths].sort().map((path) => {
    const command = byPath.get(path);
    const children = [...paths].filter((other) => other !== '' && parentOf(other) === path).sort();
    return {
      path,
      children: children.map((child) => ({
        name: child.split(' ').at(-1) ?? child,
        summary: described.get(child) ?? byPath.get(child)?.summary ?? '',
      })),
      flags: [...Object.values(command?.flags ?? {}).map(flagOf), HELP],
      words: Object.values(command?.args ?? {})[0]?.options ?? [],
    };
  });
}

function parentOf(path: string): string {
  return path.split(' ').slice(0, -1).join(' ');
}

function flagOf(flag: Command.Flag.Cached): CompletionFlag {
  return {
    names: [`--${flag.name}`, ...(flag.char ? [`-${flag.char}`] : [])],
    summary: flag.summary ?? flag.description ?? '',
    value: valueKind(flag),
  };
}

function valueKind(flag: Command.Flag.Cached): CompletionFlag['value'] {
  if (flag.type === 'boolean') return 'none';
  if (flag.options !== undefined) return flag.options;
  return /FILE|DIR|PATH/.test(String(flag.helpValue ?? '')) ? 'file' : 'free';
}
