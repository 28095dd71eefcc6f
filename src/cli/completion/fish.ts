/** The completion script for fish. */
import type { CompletionFlag, CompletionNode } from './tree.js';

export function fishScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  return `# fish completion for roc, made by \`roc completion fish\`
function __roc_path
    set -l path
    set -l words (commandline -opc)
    for word in $words[2..-1]
        set -l next (string join -- ' ' $path $word)
        contains -- $next ${paths.join(' ')}; or break
        set path $next
    end
    echo "$path"
end
function __roc_at
    test (__roc_path) = "$argv[1]"
end
complete -c roc -e
${nodes.flatMap(nodeLines).join('\n')}
`;
}

function nodeLines({ path, children, flags, words }: CompletionNode): string[] {
  const at = `complete -c roc -n ${quote(`__roc_at ${quote(path)}`)}`;
  return [
    ...children.map(({ name, summary }) => `${at} -f -a ${quote(name)} -d ${quote(summary)}`),
    ...words.map((word) => `${at} -f -a ${quote(word)}`),
    ...flags.map((flag) => `${at} ${flagWords(flag)} -d ${quote(flag.summary)}`),
  ];
}

function flagWords({ names, value }: CompletionFlag): string {
  const spelled = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  return [...spelled, ...valueWords(value)].join(' ');
}

function valueWords(value: CompletionFlag['value']): string[] {
  if (value === 'none') return [];
  if (value === 'file') return ['-r', '-F'];
  if (value === 'free') return ['-x'];
  return ['-x', '-a', quote((value as readonly string[]).join(' '))];
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
