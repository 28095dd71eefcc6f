import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FLEETS } from '../../../../src/scale/simulate/fleet/model.js';
import { runPolicy } from '../../../../src/scale/simulate/fleet/run.js';
import { capacityChart } from '../../../../src/scale/simulate/report/chart.js';
import { toColumns } from '../../../../src/scale/simulate/report/columns.js';
import { follow, workload } from '../tiny.js';

const FLEET = { ...FLEETS.small, max: 4 };
const stays = (value: number, minutes: number): number[] => Array.from({ length: minutes }, () => value);
const load = workload([...stays(0.8, 40), ...stays(2.3, 20), ...stays(0.4, 20)]);
const run = runPolicy(load, follow([...stays(2, 42), ...stays(3, 28), 2]), FLEET);
const picture = { workload: load, oracle: run.trace, traces: [{ policy: 'roc', trace: run.trace }] };

const ESCAPE = '\u001b';

describe('the chart of a terminal', () => {
  it('shows demand, capacity and broken minutes in letters', () => {
    expect(capacityChart(picture, 'roc', FLEET, { width: 45, unicode: false, colour: false })).toEqual([
      'tiny: demand in instances at the SLO, capacity of roc',
      '  4                                         ',
      '                                            ',
      '                                            ',
      '  3                     ###============     ',
      '                        ##########          ',
      '                        ##########          ',
      '  2 =======================#######     =====',
      '                        ##########          ',
      '                        ##########          ',
      '  1 ##############################          ',
      '    ########################################',
      '    ########################################',
      'SLO                     xxx                 ',
      '    03-01 00:00                  03-01 01:20',
    ]);
  });

  it('and in bars, where the terminal has them', () => {
    const lines = capacityChart(picture, 'roc', FLEET, { width: 45, unicode: true, colour: false });
    expect(lines[4]).toBe('  3                     ▅▅▅━━━━━━━━━━━━     ');
    expect(lines[13]).toBe('SLO                     ×××                 ');
  });

  it('has colours only where they are wanted, and none that is left open', () => {
    const coloured = capacityChart(picture, 'roc', FLEET, { width: 45, unicode: true, colour: true }).join(
      '',
    );
    const plain = capacityChart(picture, 'roc', FLEET, { width: 45, unicode: true, colour: false }).join('');
    expect(plain).not.toContain(ESCAPE);
    const opened = ['[31m', '[34m', '[36m'].reduce(
      (sum, code) => sum + coloured.split(ESCAPE + code).length - 1,
      0,
    );
    expect(opened).toBeGreaterThan(0);
    expect(coloured.split(`${ESCAPE}[39m`).length - 1).toBe(opened);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  it.each([20, 45, 120])('is no wider than %i columns', (width) => {
    const lines = capacityChart(picture, 'roc', FLEET, { width, unicode: true, colour: false });
    for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(Math.max(width, 30));
  });

  it('is nothing for a policy that did not run', () => {
    expect(capacityChart(picture, 'other', FLEET, { width: 45, unicode: true, colour: false })).toEqual([]);
  });
});

describe('columns', () => {
  it('show the peak and the broken minute of a week in a few columns', () => {
    const week = workload(Array.from({ length: 10_080 }, (_, t) => (t === 5000 ? 3 : 0.5)));
    const ready = new Uint8Array(10_080).fill(2);
    const columns = toColumns(week.demand, ready, FLEET, 50);
    expect(columns).toHaveLength(50);
    expect(columns.filter(({ violations }) => violations === 1)).toEqual([
      { need: 3 / 0.8, capacity: 2, violations: 1 },
    ]);
  });
});
