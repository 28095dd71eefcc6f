/** Names the nearest command when what was typed is none. */
import type { Config } from '@oclif/core';
import { RocError } from '../kernel/errors.js';

/** Null when argv begins with a command or topic, or with a flag (help and version are oclif's). */
export function unknownCommand(argv: readonly string[], config: Config): RocError | null {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0);
  if (words.length === 0) return null;
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':');
    if (config.findCommand(id)) return null;
    if (config.findTopic(id)) {
      const next = words[length];
      return next === undefined ? null : noSuchCommand(words.slice(0, length + 1), config);
    }
  }
  return noSuchCommand(words.slice(0, 1), config);
}

function noSuchCommand(words: readonly string[], config: Config): RocError {
  const typed = words.join(' ');
  const names = config.commandIDs.map((id) => id.replaceAll(':', ' '));
  const nearest = names
    .map((name) => ({
      name,
      distance: editDistance(typed, name.split(' ').slice(0, words.length).join(' ')),
    }))
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length)[0];
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(typed.length / 4));
  return new RocError('ROC_USAGE', `roc ${typed} is not a command`, {
    hint: isNear ? `Did you mean \`roc ${nearest.name}\`?` : 'List the commands with `roc --help`.',
  });
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution);
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
