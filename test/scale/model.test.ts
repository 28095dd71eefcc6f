/** The policy's schema: what it fills in, and what it refuses with a way out. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HOUR, MINUTE } from '../../src/kernel/time.js';
import { scalePolicySchema } from '../../src/scale/model.js';
import { projectPath } from '../helpers/project.js';

/** Path, and words of the message that say what to do. */
type Refusal = readonly [what: string, policy: object, path: string, fix: RegExp];

const REFUSED: readonly Refusal[] = [
  ['an unknown key', { bounds: { least: 2 } }, 'bounds', /least/],
  ['a version to come', { version: 2 }, 'version', /1/],
  ['max below min', { bounds: { min: 4, max: 3 } }, 'bounds.max', /raise max or lower min/],
  ['min below a zone', { bounds: { min: 2, perAz: 3 } }, 'bounds.min', /at least perAz times the zones/],
  ['a step above max', { bounds: { maxStepIn: 9 } }, 'bounds.maxStepIn', /lower it/],
  [
    'a target at the SLO',
    { signal: { targetUtil: 0.8 } },
    'signal.targetUtil',
    /lower targetUtil or raise sloUtil/,
  ],
  ['a share as percent', { signal: { targetUtil: 65 } }, 'signal.targetUtil', /share up to 1/],
  [
    'requests beside CPU',
    { signal: { primary: 'cpu', capacityPerInstance: 100 } },
    'signal.capacityPerInstance',
    /remove it or use primary requests/,
  ],
  [
    'a window shorter than boot and drain',
    { timing: { boot: '6m', drain: '5m' }, scaleIn: { window: '10m' } },
    'scaleIn.window',
    /lengthen the window/,
  ],
  ['an age that everything has', { timing: { poll: '5m' } }, 'timing.maxAge', /raise maxAge/],
  ['no duration', { timing: { poll: 'soon' } }, 'timing.poll', /duration such as/],
  [
    'a look past the period',
    { forecast: { mode: 'seasonal', seasonal: { period: '1h', look: '1h' } } },
    'forecast.seasonal.look',
    /shorten look/,
  ],
  ['two targets', { target: { asg: 'a', ecs: { cluster: 'c', service: 's' } } }, 'target.ecs', /keep one/],
  [
    'native scaling that would install itself',
    { native: { mode: 'install' } },
    'native.mode',
    /use floor, and run `roc scale apply --native`/,
  ],
  [
    'a mode of native scaling that there is not',
    { native: { mode: 'off' } },
    'native.mode',
    /"observe"\|"floor"/,
  ],
  ['a pool of none', { rails: { dbPool: 0 } }, 'rails.dbPool', /set dbConnFraction to 1/],
  [
    'a floor above max',
    { schedule: [{ from: '08:00', to: '09:00', min: 7 }] },
    'schedule.0.min',
    /raise max/,
  ],
  [
    'an empty window',
    { schedule: [{ from: '08:00', to: '08:00', min: 3 }] },
    'schedule.0.to',
    /move from or to/,
  ],
  [
    'a freeze that ends first',
    { scaleIn: { freeze: [{ from: '2026-12-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }] } },
    'scaleIn.freeze.0.to',
    /swap them/,
  ],
];

describe('a scaling policy', () => {
  it.each(REFUSED)('with %s is refused with a way out', (_, policy, path, fix) => {
    const { error } = scalePolicySchema.safeParse({ version: 1, ...policy });
    const found = error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
    expect(found.filter((line) => line.startsWith(`${path}: `)).join('\n')).toMatch(fix);
  });

  it('may have a time zone and hours over midnight, but no made-up zone', () => {
    const at = (timezone: string) => ({
      version: 1,
      schedule: [{ days: ['fri'], from: '22:00', to: '06:00', timezone, min: 3 }],
    });
    expect(scalePolicySchema.safeParse(at('Europe/Madrid')).success).toBe(true);
    expect(scalePolicySchema.safeParse(at('Mars/Olympus')).error?.message).toMatch(/IANA/);
  });

  it('of one line is the shipped one', () => {
    const shipped: unknown = parse(readFileSync(projectPath('policies/scale.yaml'), 'utf8'));
    expect(scalePolicySchema.parse(shipped)).toEqual(scalePolicySchema.parse({ version: 1 }));
  });

  it('has durations in milliseconds once read', () => {
    const { scaleIn, timing } = scalePolicySchema.parse({ version: 1, timing: { boot: 90 } });
    expect([scaleIn.window, scaleIn.flapBudget.per, timing.boot]).toEqual([HOUR, 6 * HOUR, 1.5 * MINUTE]);
  });
});
