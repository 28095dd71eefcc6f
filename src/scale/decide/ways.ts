/** The ways of reckoning that learning chooses among: the policy's own first, then others around it. */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';

/** How a number of instances is reckoned from demand. */
export interface Way {
  /** Utilisation aimed at. */
  readonly target: number;
  /** Which of the windows is looked back on. */
  readonly window: number;
  /** Minutes of the hour that were busy in the last hours are prepared for. */
  readonly isHourly: boolean;
}

export interface Ways {
  readonly ways: readonly [Way, ...Way[]];
  /** Lengths of the windows that the ways look back on, milliseconds. */
  readonly spans: readonly number[];
}

const LEAST_WINDOW = 20 * MINUTE;
/** Shares of the SLO that are aimed at. */
const TARGETS = [0.625, 0.75, 0.875, 1] as const;
/** A head start of the policy's own way, instance-minutes for each e-fold of the difference. */
const HEAD_START = 100;
/** A target is as far away as a window five times as far. */
const TARGET_WEIGHT = 5;

/** The policy's own way stands first. */
export function waysOf({ signal, scaleIn: { window } }: ScalePolicy): Ways {
  const spans = [Math.min(window, Math.max(LEAST_WINDOW, window / 3)), window, 2 * window, 4 * window];
  const targets = TARGETS.map((share) => share * signal.sloUtil);
  const plain = targets.flatMap((target) =>
    spans.map((_, index) => ({ target, window: index, isHourly: false })),
  );
  const hourly = targets.map((target) => ({ target, window: 0, isHourly: true }));
  return { ways: [{ target: signal.targetUtil, window: 1, isHourly: false }, ...plain, ...hourly], spans };
}

/** What a way has to make good before it is followed: the further from the policy's own, the more. */
export function headStart(way: Way, { signal, scaleIn }: ScalePolicy, spans: readonly number[]): number {
  const window = Math.abs(Math.log((spans[way.window] ?? scaleIn.window) / scaleIn.window));
  const target = TARGET_WEIGHT * Math.abs(Math.log(way.target / signal.targetUtil));
  return HEAD_START * (window + target + (way.isHourly ? 1 : 0));
}

/** What a minute above the SLO is worth, in instance-minutes: the lower the target, the more room is wanted. */
export function violationCost({ learn, signal }: ScalePolicy): number {
  if (learn.violationCost !== 'auto') return learn.violationCost;
  return 10 * Math.exp(6.5 * (signal.sloUtil - signal.targetUtil));
}
