/** `--fail-on`: a gate in a few words, for the command line. */
import { RocError } from '../kernel/errors.js';
import type { GateRule } from './decide/gates.js';
import {
  ACTIONS,
  type Action,
  EXPOSURES,
  type ExposureState,
  FIX_STATES,
  type FixState,
  LANES,
  type Lane,
  SEVERITIES,
  type Severity,
  STATES,
  type State,
} from './model.js';

type When = { -readonly [K in keyof GateRule['when']]: GateRule['when'][K] };

const WORDS: Readonly<Record<string, (when: When) => void>> = {
  kev: (when) => {
    when.kev = true;
  },
  overdue: (when) => {
    when.overdue = true;
  },
  unscanned: (when) => {
    when.coverage = 'missing';
  },
  fixable: (when) => {
    when.fix = ['yes', 'partial'];
  },
  public: (when) => {
    when.exposure = ['public'];
  },
};

/**
 * Conditions joined by commas must all hold: `critical`, `high,fixable`, `new,kev`, `overdue`, `fix-3d`,
 * `lane=threat`, `score>=50`, `unscanned`.
 * @throws RocError ROC_USAGE
 */
export function parseFailOn(text: string): GateRule {
  const when: When = {};
  for (const word of text.split(',').map((part) => part.trim())) applyWord(word, when, text);
  return { name: text, when, max: 0 };
}

function applyWord(word: string, when: When, text: string): void {
  const simple = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  const score = /^score>=(\d+(?:\.\d+)?)$/.exec(word);
  const [name, value] = word.split('=', 2);
  if (simple !== undefined) simple(when);
  else if (isOne(SEVERITIES, word)) when.severity = word satisfies Severity;
  else if (isOne(STATES, word)) when.state = [...(when.state ?? []), word satisfies State];
  else if (isOne(ACTIONS, word)) when.action = [...(when.action ?? []), word satisfies Action];
  else if (score !== null) when.scoreAtLeast = Number(score[1]);
  else if (name === 'lane' && isOne(LANES, value)) when.lane = [...(when.lane ?? []), value satisfies Lane];
  else if (name === 'fix' && isOne(FIX_STATES, value))
    when.fix = [...(when.fix ?? []), value satisfies FixState];
  else if (name === 'exposure' && isOne(EXPOSURES, value))
    when.exposure = [...(when.exposure ?? []), value satisfies ExposureState];
  else
    throw new RocError('ROC_USAGE', `--fail-on ${text}: "${word}" is no condition`, {
      hint: `Use ${Object.keys(WORDS).join(', ')}, a severity, a state, an action, lane=…, fix=…, exposure=… or score>=N.`,
    });
}

function isOne<T extends string>(all: readonly T[], word: string | undefined): word is T {
  return (all as readonly (string | undefined)[]).includes(word);
}
