/** Baselines by name: `tt50`, `tt50-5m`, `tt50-1dp`, `tt50-req`, `pred50`, `step`, `hpa60`, `hpa60w30`, `static4`. */
import { RocError } from '../../../kernel/errors.js';
import type { ControllerSpec } from '../fleet/controller.js';
import type { FleetModel } from '../fleet/model.js';
import { HPA_DEFAULTS, hpa } from './hpa.js';
import { predictiveScaling } from './predictive.js';
import { staticFleet } from './static.js';
import { STEP_DEFAULTS, stepScaling } from './step.js';
import { AWS_DEFAULTS, targetTracking } from './target-tracking.js';

const VARIANTS = {
  '': {},
  '-5m': { period: 5 },
  '-1dp': { outPoints: 1 },
  '-req': { signal: 'requests' },
} as const;

/** How each baseline is written, for help and errors. */
export const BASELINE_NAMES =
  'static4 (or static2…), tt50 (target tracking at 50 % CPU, 1-minute metrics), tt50-5m (basic monitoring), ' +
  'tt50-1dp (grows on one datapoint), tt50-req (requests a target), pred50 (predictive beside target tracking), ' +
  'step, hpa60 (Kubernetes, 60 %), hpa60w30 (its scale-in window at 30 minutes), oracle';

/** @throws RocError ROC_USAGE for a name that is none, or a target or size out of range */
export function baselineOf(name: string, fleet: FleetModel): ControllerSpec {
  const spec = byName(name, fleet);
  if (spec !== undefined) return spec;
  throw new RocError('ROC_USAGE', `no baseline is named "${name}"`, {
    hint: `There are: ${BASELINE_NAMES}.`,
  });
}

function byName(name: string, fleet: FleetModel): ControllerSpec | undefined {
  if (name === 'step') return stepScaling({ name, ...STEP_DEFAULTS });
  const match = /^(static|tt|pred|hpa)(\d{1,3})(?:(-5m|-1dp|-req)|w(\d{1,4}))?$/.exec(name);
  if (match === null) return undefined;
  const [, family, digits, variant = '', window] = match;
  const number = Number(digits);
  const target = number / 100;
  if (family === 'static')
    return variant === '' && window === undefined && number >= fleet.min && number <= fleet.max
      ? staticFleet(number)
      : undefined;
  if (target <= 0 || target > 1) return undefined;
  if (family === 'hpa')
    return variant === ''
      ? hpa({ name, ...HPA_DEFAULTS, target, window: Number(window ?? HPA_DEFAULTS.window) })
      : undefined;
  if (window !== undefined) return undefined;
  const options = { name, ...AWS_DEFAULTS, target };
  if (family === 'pred') return variant === '' ? predictiveScaling(options) : undefined;
  return targetTracking({ ...options, ...VARIANTS[variant as keyof typeof VARIANTS] });
}
