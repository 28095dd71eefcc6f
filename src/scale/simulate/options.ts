/** What the flags of `roc scale simulate` mean: a fleet, its faults, and what is compared. */
import { RocError } from '../../kernel/errors.js';
import { MINUTE, parseDuration } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { type Faults, NO_FAULTS } from './fleet/faults.js';
import { FLEETS, type FleetModel } from './fleet/model.js';

/** As typed; durations are text. */
export interface FleetWords {
  readonly fleet?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly boot?: string | undefined;
  readonly drain?: string | undefined;
  readonly lag?: string | undefined;
  readonly slo?: string | undefined;
  readonly price?: string | undefined;
}

const MOST_INSTANCES = 200;

/**
 * The flags win over a named fleet, and that over what the policy says of its own fleet.
 * @throws RocError ROC_USAGE
 */
export function fleetOf(words: FleetWords, policy: ScalePolicy): FleetModel {
  const base = words.fleet === undefined ? fleetOfPolicy(policy) : namedFleet(words.fleet);
  const min = words.min ?? base.min;
  const max = words.max ?? Math.max(base.max, min);
  if (min > max)
    throw usage(`--min ${min} is above --max ${max}`, 'Give a minimum that is not above the maximum.');
  if (max > MOST_INSTANCES)
    throw usage(`${max} instances are too many`, `At most ${MOST_INSTANCES} are simulated: give --max.`);
  return {
    min,
    max,
    bootMinutes: minutesOf('--boot', words.boot) ?? base.bootMinutes,
    drainMinutes: minutesOf('--drain', words.drain) ?? base.drainMinutes,
    lagMinutes: minutesOf('--lag', words.lag) ?? base.lagMinutes,
    sloUtil: shareOf('--slo', words.slo) ?? base.sloUtil,
    peakInstances: max === base.max ? base.peakInstances : peakOf(max),
    prices: { ...base.prices, instanceHour: positiveOf('--price', words.price) ?? base.prices.instanceHour },
  };
}

function namedFleet(name: string): FleetModel {
  if (Object.hasOwn(FLEETS, name)) return FLEETS[name as keyof typeof FLEETS];
  throw usage(`--fleet ${name} is none`, `There are: ${Object.keys(FLEETS).join(', ')}.`);
}

function fleetOfPolicy({ bounds, signal, timing }: ScalePolicy): FleetModel {
  return {
    ...FLEETS.small,
    min: bounds.min,
    max: bounds.max,
    bootMinutes: timing.boot === 'auto' ? FLEETS.small.bootMinutes : Math.ceil(timing.boot / MINUTE),
    drainMinutes: Math.ceil(timing.drain / MINUTE),
    sloUtil: signal.sloUtil,
    peakInstances: peakOf(bounds.max),
  };
}

// As four of six: the peak fits, with room for a surprise.
function peakOf(max: number): number {
  return Math.max(1, Math.round((max * FLEETS.small.peakInstances) / FLEETS.small.max));
}

export interface FaultWords {
  readonly seed: number;
  readonly outage?: string | undefined;
  readonly 'outage-as': string;
  readonly 'drop-outs'?: string | undefined;
  readonly 'launch-failures'?: string | undefined;
  readonly 'zone-loss-at'?: string | undefined;
}

/** @throws RocError ROC_USAGE */
export function faultsOf(words: FaultWords): Faults {
  const outageMinutes = minutesOf('--outage', words.outage) ?? 0;
  if (outageMinutes >= 1440)
    throw usage('--outage is a day or longer', 'It comes once a day; give less than 24h.');
  return {
    ...NO_FAULTS,
    seed: words.seed,
    outageMinutes,
    outageAs: words['outage-as'] === 'zero' ? 'zero' : 'missing',
    dropOuts: shareOf('--drop-outs', words['drop-outs']) ?? 0,
    launchFailures: failureShare(words['launch-failures']),
    zoneLossAt: minutesOf('--zone-loss-at', words['zone-loss-at']) ?? null,
  };
}

// With a share of 1 nothing would ever start.
function failureShare(text: string | undefined): number {
  const share = shareOf('--launch-failures', text) ?? 0;
  if (share < 1) return share;
  throw usage('--launch-failures 1 lets nothing ever start', 'Give a share below 1, such as 0.2.');
}

/** Whole minutes, the step of the virtual clock. */
function minutesOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const minutes = parseDuration(text) / MINUTE;
  if (Number.isInteger(minutes)) return minutes;
  throw usage(
    `${flag} ${text} is not in whole minutes`,
    'The simulation goes minute by minute: write 3m, 45m, 2h.',
  );
}

/** A positive number with at most a unit of one in front of it: 0.2, 0.8, 1. */
function shareOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const share = Number(text);
  if (/^\d*\.?\d+$/.test(text) && share > 0 && share <= 1) return share;
  throw usage(`${flag} ${text} is no share`, 'Write a number above 0 and up to 1, such as 0.8.');
}

/** @throws RocError ROC_USAGE */
export function positiveOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0) return value;
  throw usage(`${flag} ${text} is no positive number`, 'Write a number such as 12.5.');
}

function usage(message: string, hint: string): RocError {
  return new RocError('ROC_USAGE', message, { hint });
}
