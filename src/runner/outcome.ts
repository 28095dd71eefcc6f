/** From how a robot's process ended to what the server is told; pure. */
import { formatDuration } from '../kernel/time.js';
import type { BodyOf } from '../protocol/contracts.js';

export type Completion = Pick<BodyOf<'runner.complete'>, 'outcome' | 'output' | 'error'>;

/** Why the runner ended a robot that had not ended by itself. */
export type StopReason = 'cancel' | 'timeout' | 'lost' | 'fenced' | 'shutdown';

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What was in the output file: nothing, a value, or something that is no valid output. */
export type OutputFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly problem: string };

export interface EndFacts {
  readonly end: ProcessEnd;
  /** The first reason that the runner had to stop it, or null where it ended by itself. */
  readonly stopped: StopReason | null;
  readonly output: OutputFile;
  /** The last line on stderr that is not blank, or null. */
  readonly lastError: string | null;
  readonly timeoutMs: number;
}

/** The server sets no limit of its own on an error's message; a person reads it in one table cell. */
const MAX_MESSAGE = 2000;

/** A lost, fenced or shut-down attempt reports nothing: its lease runs out and the process's policy decides. */
export function isReported(stopped: StopReason | null): boolean {
  return stopped === null || stopped === 'cancel' || stopped === 'timeout';
}

export function completionOf(facts: EndFacts): Completion {
  const { end, stopped, output } = facts;
  const kept = output.kind === 'value' ? { output: output.value } : {};
  const exitCode = end.exitCode;
  if (stopped === 'cancel')
    return { outcome: 'canceled', ...kept, error: { kind: 'canceled', message: 'canceled', exitCode } };
  if (stopped === 'timeout') {
    const message = `did not end within ${formatDuration(facts.timeoutMs)}`;
    return { outcome: 'timed_out', ...kept, error: { kind: 'timeout', message, exitCode } };
  }
  if (exitCode !== 0)
    return { outcome: 'failed', ...kept, error: { kind: 'robot', message: failureMessage(facts), exitCode } };
  if (output.kind === 'invalid')
    return { outcome: 'failed', error: { kind: 'robot', message: output.problem, exitCode } };
  return { outcome: 'succeeded', ...kept, error: null };
}

/** A failure before or around the robot: its package, or this host. */
export function failureOf(kind: 'package' | 'assets' | 'runner', message: string): Completion {
  return { outcome: 'failed', error: { kind, message: message.slice(0, MAX_MESSAGE), exitCode: null } };
}

function failureMessage({ end, lastError }: EndFacts): string {
  const how = end.signal === null ? `exit code ${end.exitCode}` : `killed by ${end.signal}`;
  return lastError === null ? how : lastError.slice(0, MAX_MESSAGE);
}
