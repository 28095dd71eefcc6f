/** The completion script for bash, 3.2 and newer. */
import type { CompletionFlag, CompletionNode } from './tree.js';

/** Words of the tree hold letters, digits and hyphens only, which bash takes as they are. */
export function bashScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  const withWords = nodes.filter(({ children, words }) => children.length + words.length > 0);
  return `# bash completion for roc, made by \`roc completion bash\`
_roc() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path= next i
  # bash makes a word of its own of the = in --flag=value.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
      ${paths.join('|')}) path="$next" ;;
      *) break ;;
    esac
  done
  case "$path $prev" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$path" in
${nodes.map(({ path, flags }) => `      ${quote(path)}) ${reply(flags.flatMap(({ names }) => names))} ;;`).join('\n')}
    esac
    return
  fi
  case "$path" in
${withWords.map((node) => `    ${quote(node.path)}) ${reply(wordsOf(node))} ;;`).join('\n')}
  esac
}
complete -o default -F _roc roc
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

// Nothing found means file names (-o default); where no file is meant, that is switched off.
function valueReply(value: CompletionFlag['value']): string {
  if (value === 'file') return '';
  if (value === 'free') return 'type compopt &>/dev/null && compopt +o default; ';
  return `${reply(value as readonly string[])}; `;
}

function reply(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`;
}

function wordsOf({ children, words }: CompletionNode): string[] {
  return [...children.map(({ name }) => name), ...words];
}

function quote(text: string): string {
  return `'${text}'`;
}
