/** From argv to what is asked: a command with its own argv, or the help of the program, a topic or a command. */
import { RocError } from '../kernel/errors.js';
import { nearest } from './nearest.js';

/** What routing needs to know of a command; the manifest's entries have it. */
export interface RoutedCommand {
  readonly aliases: readonly string[];
  readonly hiddenAliases: readonly string[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
}

export type Route =
  | { readonly kind: 'run'; readonly id: string; readonly argv: readonly string[] }
  /** `id` of a command or topic, null for the program itself. */
  | { readonly kind: 'help'; readonly id: string | null };

type Commands = Readonly<Record<string, RoutedCommand>>;

/**
 * Ids and topics are joined by `:`, as in the manifest. The longest leading words that name a command win.
 * @throws RocError ROC_USAGE with the nearest command as hint
 */
export function route(argv: readonly string[], commands: Commands): Route {
  const isHelpCommand = argv[0] === 'help';
  const asked = isHelpCommand ? argv.slice(1) : argv;
  const isHelp = isHelpCommand || helpIsAsked(asked);
  const words = asked.slice(0, asked.findIndex((word) => word.startsWith('-')) >>> 0);
  for (let length = words.length; length > 0; length--) {
    const id = commandId(words.slice(0, length).join(':'), commands);
    if (id !== null) {
      refuseUnknownChild(id, words.slice(0, length + 1), length, commands);
      return isHelp ? { kind: 'help', id } : { kind: 'run', id, argv: asked.slice(length) };
    }
    const topic = words.slice(0, length).join(':');
    if (!isTopic(topic, commands)) continue;
    if (words.length > length) throw noSuchCommand(words.slice(0, length + 1), commands);
    if (isHelp || asked.length === length) return { kind: 'help', id: topic };
    throw needsCommand(words, asked[length] ?? '');
  }
  if (words.length > 0) throw noSuchCommand(words.slice(0, 1), commands);
  if (isHelp || asked.length === 0) return { kind: 'help', id: null };
  throw needsCommand([], asked[0] ?? '');
}

/** The topics above a command and those that its siblings make: `jobs` of `jobs:start`. */
export function topicsOf(ids: readonly string[]): string[] {
  const topics = new Set<string>();
  for (const id of ids) {
    for (let end = id.indexOf(':'); end !== -1; end = id.indexOf(':', end + 1)) topics.add(id.slice(0, end));
  }
  return [...topics].sort();
}

function helpIsAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--help');
}

function commandId(typed: string, commands: Commands): string | null {
  if (Object.hasOwn(commands, typed)) return typed;
  const found = Object.entries(commands).find(
    ([, command]) => command.aliases.includes(typed) || command.hiddenAliases.includes(typed),
  );
  return found?.[0] ?? null;
}

// `roc provision plam`: a command that is a topic too and takes no words of its own.
function refuseUnknownChild(id: string, words: readonly string[], length: number, commands: Commands): void {
  if (words.length > length && takesNoWords(commands[id]) && isTopic(id, commands)) {
    throw noSuchCommand(words, commands);
  }
}

function takesNoWords(command: RoutedCommand | undefined): boolean {
  return command?.strict === true && Object.keys(command.args).length === 0;
}

function isTopic(id: string, commands: Commands): boolean {
  return Object.keys(commands).some((name) => name.startsWith(`${id}:`));
}

function needsCommand(words: readonly string[], flag: string): RocError {
  const typed = ['roc', ...words].join(' ');
  return new RocError('ROC_USAGE', `${typed} needs a command before ${flag}`, {
    hint: `List the commands with \`${typed} --help\`.`,
  });
}

function noSuchCommand(
  words: readonly string[],
  commands: Readonly<Record<string, RoutedCommand>>,
): RocError {
  const typed = words.join(' ');
  const starts = Object.keys(commands).map((id) => id.split(':').slice(0, words.length).join(' '));
  const guess = nearest(typed, starts);
  return new RocError('ROC_USAGE', `roc ${typed} is not a command`, {
    hint: guess === null ? 'List the commands with `roc --help`.' : `Did you mean \`roc ${guess}\`?`,
  });
}
