/** What one decision remembers for the next: plain JSON, at most 32 KB, opaque to everyone else. */
import { DAY } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { type ChangesState, NO_CHANGES } from './changes.js';
import type { ForecastState } from './forecast.js';
import type { LearnState } from './learn.js';
import { NO_SIGNAL, type SignalState } from './signal.js';
import { NO_TREND } from './trend.js';
import type { WindowState } from './window.js';

/** More than this is slow to read and tells little more. */
const LEARNS_FROM = 2 * DAY;

export interface ScaleState extends ForecastState {
  readonly version: 1;
  /** When the last decision was made; 0 before the first. */
  readonly now: number;
  /** Until then nothing is cut because the clock was put back. */
  readonly clockUntil: number;
  readonly signal: SignalState;
  readonly window: WindowState;
  readonly changes: ChangesState;
  readonly learn: LearnState | null;
}

export function emptyState(): ScaleState {
  return {
    version: 1,
    now: 0,
    clockUntil: 0,
    signal: NO_SIGNAL,
    window: [],
    changes: NO_CHANGES,
    learn: null,
    trend: NO_TREND,
    season: null,
    forecasts: [],
  };
}

/** Start of the newest bucket of the signal that a state knows, epoch milliseconds; 0 where it knows none. */
export function knownUntil({ signal }: ScaleState): number {
  return signal.intake.takenAt;
}

/** How much of the past a decision without a state can make use of, milliseconds. */
export function usefulPast({ scaleIn, learn, forecast }: ScalePolicy): number {
  const { period, days } = forecast.seasonal;
  return Math.max(
    4 * scaleIn.window,
    learn.mode === 'on' ? LEARNS_FROM : 0,
    forecast.mode === 'seasonal' ? period * days : 0,
  );
}

/**
 * A state as it was saved, or null where it is none of this version: a decision without memory cuts nothing before it
 * has seen a whole window again, so that a lost state is safe.
 */
export function checkState(saved: unknown): ScaleState | null {
  return isState(saved) ? saved : null;
}

function isState(value: unknown): value is ScaleState {
  if (!isLike(emptyState(), value)) return false;
  const { window, signal, changes, trend, forecasts } = value as ScaleState;
  return [window, signal.intake.recent, changes.actions, trend.pending, forecasts].every(isNumbers);
}

// Every key of the sample is there with a value of the same kind; null stands for "an object or nothing".
function isLike(sample: unknown, value: unknown): boolean {
  if (sample === null) return typeof value === 'object';
  if (Array.isArray(sample)) return Array.isArray(value);
  if (typeof sample === 'number') return typeof value === 'number' && (sample !== 1 || value === 1);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(sample as object).every(([key, inner]) =>
    isLike(inner, (value as Readonly<Record<string, unknown>>)[key]),
  );
}

function isNumbers(list: readonly unknown[]): boolean {
  return list.every((item) => typeof item === 'number');
}
