/** The completion script for zsh. */
import type { CompletionFlag, CompletionNode } from './tree.js';

export function zshScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  const withWords = nodes.filter(({ children, words }) => children.length + words.length > 0);
  return `#compdef roc
# zsh completion for roc, made by \`roc completion zsh\`
_roc() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} path_= next i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    next="\${path_:+$path_ }\${words[i]}"
    case $next in
      ${paths.join('|')}) path_=$next ;;
      *) break ;;
    esac
  done
  if [[ $cur == --*=* ]]; then
    prev=\${cur%%=*}
    compset -P '*='
    cur=\${cur#*=}
  fi
  case "$path_ $prev" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $path_ in
${nodes.map(({ path, flags }) => `      ${quote(path)}) found=(${flags.flatMap(flagWords).join(' ')}) ;;`).join('\n')}
    esac
    _describe -o flag found
    return
  fi
  case $path_ in
${withWords.map((node) => `    ${quote(node.path)}) found=(${childWords(node).join(' ')}) ;;`).join('\n')}
    *) _files; return ;;
  esac
  _describe command found
}
if [[ $funcstack[1] == _roc ]]; then _roc "$@"; else compdef _roc roc; fi
`;
}

// One line for all flags of a command that are answered alike.
function valueCases({ path, flags }: CompletionNode): string[] {
  const patterns = new Map<string, string[]>();
  for (const { names, value } of flags) {
    if (value === 'none') continue;
    const answer = valueReply(value);
    const same = names.map((name) => quote(`${path} ${name}`));
    patterns.set(answer, [...(patterns.get(answer) ?? []), ...same]);
  }
  return [...patterns].map(([answer, same]) => `    ${same.join('|')}) ${answer}return ;;`);
}

function valueReply(value: CompletionFlag['value']): string {
  if (value === 'file') return '_files; ';
  if (value === 'free') return '';
  return `compadd -- ${(value as readonly string[]).map(quote).join(' ')}; `;
}

function flagWords({ names, summary }: CompletionFlag): string[] {
  return names.map((name) => described(name, summary));
}

function childWords({ children, words }: CompletionNode): string[] {
  return [...children.map(({ name, summary }) => described(name, summary)), ...words.map(quote)];
}

// _describe takes what stands before the first bare colon as the word.
function described(name: string, summary: string): string {
  return quote(`${name}:${summary.replaceAll(':', '\\:')}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
