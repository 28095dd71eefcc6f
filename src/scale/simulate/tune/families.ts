/** Families of policies that are tuned alike: the same sixteen targets for each, and nothing else turned. */
import { HPA_DEFAULTS, hpa } from '../baselines/hpa.js';
import { predictiveScaling } from '../baselines/predictive.js';
import { stepScaling } from '../baselines/step.js';
import { AWS_DEFAULTS, targetTracking } from '../baselines/target-tracking.js';
import type { ControllerSpec } from '../fleet/controller.js';

export interface Family {
  readonly name: string;
  /** @param target utilisation, 0 to 1 */
  readonly at: (target: number) => ControllerSpec;
  /** Keys of a policy of roc that make it so. */
  readonly settings?: (target: number) => Settings;
}

/** Such as `{ 'signal.targetUtil': 0.68, 'scaleIn.window': '60m' }`. */
export type Settings = Readonly<Record<string, string | number>>;

/** The budget of every family: 0.26 to 0.89. */
export const TARGETS: readonly number[] = Array.from({ length: 16 }, (_, i) => (26 + 4.2 * i) / 100);

export const BASELINE_FAMILIES: readonly Family[] = [
  trackingFamily('tt', {}),
  trackingFamily('tt-5m', { period: 5 }),
  trackingFamily('tt-1dp', { outPoints: 1 }),
  {
    name: 'pred',
    at: (target) => predictiveScaling({ name: percent('pred', target), ...AWS_DEFAULTS, target }),
  },
  {
    name: 'step',
    at: (target) =>
      stepScaling({
        name: percent('step', target),
        high: target,
        higher: Math.min(0.99, target + 0.15),
        low: target / 2,
        cooldown: 5,
      }),
  },
  hpaFamily(5),
  hpaFamily(30),
  hpaFamily(60),
  hpaFamily(90),
];

function trackingFamily(name: string, variant: { period?: number; outPoints?: number }): Family {
  return {
    name,
    at: (target) => targetTracking({ name: percent(name, target), ...AWS_DEFAULTS, ...variant, target }),
  };
}

function hpaFamily(window: number): Family {
  return {
    name: `hpa-w${window}`,
    at: (target) => hpa({ name: percent(`hpa-w${window}`, target), ...HPA_DEFAULTS, target, window }),
  };
}

function percent(name: string, target: number): string {
  return `${name}@${(100 * target).toFixed(1)}`;
}
