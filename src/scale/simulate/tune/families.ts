/** Families of policies that are tuned alike: the same sixteen targets for each, and nothing else turned. */
import { HPA_DEFAULTS, hpa } from '../baselines/hpa.js';
import { predictiveScaling } from '../baselines/predictive.js';
import { stepScaling } from '../baselines/step.js';
import { AWS_DEFAULTS, targetTracking } from '../baselines/target-tracking.js';
import type { ControllerSpec } from '../fleet/controller.js';

export interface Family {
  readonly name: string;
  readonly label: string;
  /** @param target utilisation, 0 to 1 */
  readonly at: (target: number) => ControllerSpec;
}

/** The budget of every family: 0.24 to 0.78. */
export const TARGETS: readonly number[] = Array.from({ length: 16 }, (_, i) => (24 + 3.6 * i) / 100);

export const BASELINE_FAMILIES: readonly Family[] = [
  trackingFamily('tt', 'AWS target tracking, 1 min', {}),
  trackingFamily('tt-5m', 'AWS target tracking, 5 min', { period: 5 }),
  trackingFamily('tt-1dp', 'AWS target tracking, 1 datapoint', { outPoints: 1 }),
  {
    name: 'pred',
    label: 'AWS predictive and target tracking',
    at: (target) => predictiveScaling({ name: percent('pred', target), ...AWS_DEFAULTS, target }),
  },
  {
    name: 'step',
    label: 'step scaling',
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
];

function trackingFamily(
  name: string,
  label: string,
  variant: { period?: number; outPoints?: number },
): Family {
  return {
    name,
    label,
    at: (target) => targetTracking({ name: percent(name, target), ...AWS_DEFAULTS, ...variant, target }),
  };
}

function hpaFamily(window: number): Family {
  return {
    name: `hpa-w${window}`,
    label: `HPA, ${window} min window`,
    at: (target) => hpa({ name: percent(`hpa-w${window}`, target), ...HPA_DEFAULTS, target, window }),
  };
}

function percent(name: string, target: number): string {
  return `${name}@${(100 * target).toFixed(1)}`;
}
