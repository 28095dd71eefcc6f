import { describe, expect, it } from 'vitest';
import { scalePolicySchema } from '../../../src/scale/model.js';
import { FLEETS } from '../../../src/scale/simulate/fleet/model.js';
import { faultsOf, fleetOf, positiveOf } from '../../../src/scale/simulate/options.js';

const FAULTS = { seed: 1, 'outage-as': 'missing' };

const SHIPPED = scalePolicySchema.parse({ version: 1 });

describe('the fleet of the flags', () => {
  it('is that of the policy where nothing else is said; the shipped one is the small fleet', () => {
    expect(fleetOf({}, SHIPPED)).toEqual(FLEETS.small);
    const own = scalePolicySchema.parse({
      version: 1,
      bounds: { min: 3, max: 12 },
      signal: { targetUtil: 0.5, sloUtil: 0.7 },
      timing: { boot: '150s', drain: '2m' },
    });
    expect(fleetOf({}, own)).toMatchObject({
      min: 3,
      max: 12,
      bootMinutes: 3,
      drainMinutes: 2,
      sloUtil: 0.7,
      peakInstances: 8,
    });
  });

  it('is the named one where it is named', () => {
    expect(fleetOf({ fleet: 'small' }, SHIPPED)).toEqual(FLEETS.small);
    expect(fleetOf({ fleet: 'medium' }, SHIPPED)).toEqual(FLEETS.medium);
  });

  it('takes each part from its flag', () => {
    const words = {
      fleet: 'small',
      min: 1,
      max: 12,
      boot: '10m',
      drain: '0m',
      lag: '2m',
      slo: '0.7',
      price: '0.1',
    };
    expect(fleetOf(words, SHIPPED)).toMatchObject({
      min: 1,
      max: 12,
      bootMinutes: 10,
      drainMinutes: 0,
      lagMinutes: 2,
      sloUtil: 0.7,
      peakInstances: 8,
      prices: { instanceHour: 0.1, vcpus: 2 },
    });
  });

  it.each([
    [{ fleet: 'huge' }, '--fleet huge is none'],
    [{ min: 7, max: 6 }, '--min 7 is above --max 6'],
    [{ max: 500 }, '500 instances are too many'],
    [{ boot: '90s' }, '--boot 90s is not in whole minutes'],
    [{ drain: 'soon' }, '"soon" is not a duration'],
    [{ slo: '80' }, '--slo 80 is no share'],
    [{ slo: '0' }, '--slo 0 is no share'],
    [{ price: '-1' }, '--price -1 is no positive number'],
  ])('refuses %j', (words, message) => {
    expect(() => fleetOf(words, SHIPPED)).toThrow(expect.objectContaining({ code: 'ROC_USAGE', message }));
  });
});

describe('the faults of the flags', () => {
  it('are none by default', () => {
    expect(faultsOf(FAULTS)).toEqual({
      seed: 1,
      outageMinutes: 0,
      outageAs: 'missing',
      dropOuts: 0,
      launchFailures: 0,
      zoneLossAt: null,
    });
  });

  it('take each part from its flag', () => {
    const words = {
      seed: 7,
      outage: '45m',
      'outage-as': 'zero',
      'drop-outs': '0.05',
      'launch-failures': '.2',
      'zone-loss-at': '12h',
    };
    expect(faultsOf(words)).toEqual({
      seed: 7,
      outageMinutes: 45,
      outageAs: 'zero',
      dropOuts: 0.05,
      launchFailures: 0.2,
      zoneLossAt: 720,
    });
  });

  it.each([
    [{ outage: '24h' }, '--outage is a day or longer'],
    [{ 'launch-failures': '1' }, '--launch-failures 1 lets nothing ever start'],
    [{ 'drop-outs': '2' }, '--drop-outs 2 is no share'],
  ])('refuse %j', (words, message) => {
    expect(() => faultsOf({ ...FAULTS, ...words })).toThrow(
      expect.objectContaining({ code: 'ROC_USAGE', message }),
    );
  });
});

it.each([
  [undefined, undefined],
  ['12.5', 12.5],
  ['.5', 0.5],
])('a positive number: %s', (text, expected) => {
  expect(positiveOf('--capacity', text)).toBe(expected);
});

it.each(['0', '-3', 'many', '1e9', ''])('no positive number: %s', (text) => {
  expect(() => positiveOf('--capacity', text)).toThrow(expect.objectContaining({ code: 'ROC_USAGE' }));
});
