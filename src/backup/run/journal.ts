/** The journal of a run: a line an event, each with the hash of the line before, on the disk before anything goes on. */
import { createHash } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import type { RunEvent } from './events.js';
import { applyEvent, type RunState } from './state.js';

/** Where lines are kept; `append` returns only once they would survive a crash. */
export interface Lines {
  read(): string;
  append(text: string): void;
  /** Cuts what a crash left of a half-written line. */
  truncate(bytes: number): void;
}

export interface Journal {
  readonly state: RunState;
  /** Hash of the last line. */
  readonly head: string;
  append(event: RunEvent): void;
  text(): string;
}

export interface JournalOptions {
  readonly lines: Lines;
  readonly now: Clock;
  /** Called after each line is safe. */
  readonly onAppend?: ((event: RunEvent, state: RunState) => void) | undefined;
}

interface Line {
  readonly seq: number;
  readonly at: number;
  readonly prev: string;
  readonly event: RunEvent;
}

const NOTHING_BEFORE = '0'.repeat(64);

export function beginJournal(options: JournalOptions, first: RunEvent): Journal {
  return journalOf(options, null, { seq: 0, head: NOTHING_BEFORE }, first);
}

/**
 * Reads a journal from its first line, dropping a last line that a crash cut short.
 * @throws RocError ROC_CHECK_FAILED where a line was changed, taken out or put in
 */
export function openJournal(options: JournalOptions): Journal {
  const { state, seq, head, bytes, isTorn } = readJournal(options.lines.read());
  if (state === null)
    throw new RocError('ROC_NOT_FOUND', 'the journal is empty: the run never began', {
      hint: 'Start another with `roc backup verify`.',
    });
  if (isTorn) options.lines.truncate(bytes);
  return journalOf(options, state, { seq, head }, null);
}

export interface ReadJournal {
  readonly state: RunState | null;
  readonly seq: number;
  readonly head: string;
  /** Length of the whole lines. */
  readonly bytes: number;
  readonly isTorn: boolean;
}

/** @throws RocError ROC_CHECK_FAILED */
export function readJournal(text: string): ReadJournal {
  const end = text.lastIndexOf('\n') + 1;
  const whole = text.slice(0, end).split('\n').slice(0, -1);
  let state: RunState | null = null;
  let head = NOTHING_BEFORE;
  let seq = 0;
  for (const line of whole) {
    const parsed = parseLine(line, seq + 1, head);
    state = applyEvent(state, parsed.event, parsed.at);
    head = hashOf(line);
    seq = parsed.seq;
  }
  return { state, seq, head, bytes: Buffer.byteLength(text.slice(0, end)), isTorn: end < text.length };
}

function journalOf(
  { lines, now, onAppend }: JournalOptions,
  begun: RunState | null,
  last: { seq: number; head: string },
  first: RunEvent | null,
): Journal {
  let state = begun;
  let { seq, head } = last;
  const append = (event: RunEvent) => {
    const at = Math.round(now());
    const after = applyEvent(state, event, at);
    const line = JSON.stringify({ seq: seq + 1, at, prev: head, event } satisfies Line);
    lines.append(`${line}\n`);
    state = after;
    seq += 1;
    head = hashOf(line);
    onAppend?.(event, after);
  };
  if (first !== null) append(first);
  return {
    get state() {
      if (state === null) throw new TypeError('a journal begins with its plan');
      return state;
    },
    get head() {
      return head;
    },
    append,
    text: () => lines.read(),
  };
}

function parseLine(line: string, seq: number, prev: string): Line {
  let value: Partial<Line> | null = null;
  try {
    value = JSON.parse(line) as Partial<Line>;
  } catch {
    // Said below.
  }
  const isWhole = value?.seq === seq && value.prev === prev && typeof value.at === 'number';
  if (value !== null && isWhole && typeof value.event?.type === 'string') return value as Line;
  throw new RocError('ROC_CHECK_FAILED', `line ${seq} of the journal does not follow from the one before`, {
    hint: 'It was changed or damaged. Keep it for the inquiry, and take what the run left with `roc backup sweep`.',
  });
}

function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
