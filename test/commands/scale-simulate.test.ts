import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ScaleSimulate from '../../commands/scale/simulate.js';
import type { SimulationReport } from '../../src/scale/simulate/simulate-files.js';
import { runCommand } from '../helpers/run-command.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { syntheticSeries } from '../scale/simulate/synthetic.js';

describe('roc scale simulate', () => {
  let dir: string;
  let demand: string;
  beforeAll(() => {
    dir = makeTempDir('simulate');
    demand = join(dir, 'demand.csv');
    const series = syntheticSeries('demand', 1, 4);
    const rows = [...series.demand]
      .filter((_, t) => t % 5 === 0)
      .map((value, i) => `${new Date(series.startMs + i * 300_000).toISOString()},${value.toFixed(3)}`);
    writeFileSync(demand, `timestamp,value\n${rows.join('\n')}\n`);
  });
  afterAll(() => removeDir(dir));

  const file = (name: string, text: string) => {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  };
  const run = (...argv: string[]) => runCommand(ScaleSimulate, argv);

  it('prints the promised shape with --json, and nothing else', async () => {
    const end = await run(demand, '--against', 'tt50,hpa60,static4,oracle', '--json');
    expect([end.exitCode, end.stderr]).toEqual([0, '']);
    const report = end.json<SimulationReport>();
    expect(report.series.map(({ name }) => name)).toEqual(['demand']);
    const [series] = report.series;
    expect(series?.results.map(({ policy }) => policy)).toEqual(['roc', 'tt50', 'hpa60', 'static4']);
    for (const result of [...(series?.results ?? []), series?.oracle])
      expect(result).toMatchObject({
        violationsPct: expect.any(Number),
        instanceHoursPerDay: expect.any(Number),
        actionsPerDay: expect.any(Number),
        flapsPerDay: expect.any(Number),
        costUsdPerDay: expect.any(Number),
        decisions: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    expect(series?.results[3]).toMatchObject({ policy: 'static4', flapsPerDay: 0 });
    expect(report).toMatchObject({ frontier: null, suggestion: null });
  });

  it('prints the same bytes for the same demand', async () => {
    const [a, b] = [await run(demand, '--json'), await run(demand, '--json', '--seed', '1')];
    expect(a.stdout).toBe(b.stdout);
  });

  it('prints a chart, a table and what the figures are for people', async () => {
    const { stdout, exitCode } = await run(demand, '--ascii');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('demand: demand in instances at the SLO, capacity of roc');
    expect(stdout).toMatch(/^demand +roc +\d/m);
    expect(stdout).toMatch(/^demand +oracle +\d/m);
    expect(stdout).toContain('Baselines are emulations');
    expect((await run(demand, '--no-chart')).stdout).not.toContain('demand in instances');
  });

  it('compares policies by their files', async () => {
    const lazy = file('lazy.yaml', 'version: 1\nsignal: { targetUtil: 0.79 }\n');
    const eager = file('eager.yaml', 'version: 1\nsignal: { targetUtil: 0.3 }\n');
    const report = (
      await run(demand, '--policy', lazy, '--policy', eager, '--json')
    ).json<SimulationReport>();
    const hours = report.means
      .slice(0, 2)
      .map(({ policy, instanceHoursPerDay }) => [policy, instanceHoursPerDay]);
    expect(hours.map(([name]) => name)).toEqual(['lazy', 'eager']);
    expect(hours[0]?.[1]).toBeLessThan(Number(hours[1]?.[1]));
    expect(report.policies[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('writes reports whole, beside what it prints', async () => {
    const target = (name: string) => join(dir, name);
    const end = await run(
      demand,
      ...['--output', target('r.html'), '--output', `${target('picture')}=svg`, '--output', target('r.json')],
      ...['--frontier', '--suggest', '--json'],
    );
    expect(readFileSync(target('r.html'), 'utf8')).toContain('Tuned on the first 70 %');
    expect(readFileSync(target('picture'), 'utf8')).toMatch(/^<svg /);
    expect(readFileSync(target('r.json'), 'utf8')).toBe(end.stdout);
    expect(end.json<SimulationReport>().suggestion?.choices).toHaveLength(3);
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('ends with 3 where the policy has more avoidable violations than it may', async () => {
    expect((await run(demand, '--json', '--max-avoidable', '50')).exitCode).toBe(0);
    expect((await run(demand, '--json', '--slo', '0.3', '--max-avoidable', '0.001')).exitCode).toBe(3);
  });

  it('says what it held where data is missing', async () => {
    const rows = readFileSync(demand, 'utf8').split('\n');
    const gap = file('gap.csv', [...rows.slice(0, 100), ...rows.slice(110)].join('\n'));
    const { stderr } = await run(gap);
    expect(stderr).toContain('warning: gap: 50 minutes (0.87 %) have no value of their own');
  });

  it.each([
    [
      'an unknown baseline',
      () => [demand, '--against', 'magic'],
      'ROC_USAGE',
      'no baseline is named "magic"',
    ],
    ['a baseline twice', () => [demand, '--against', 'tt50,tt50'], 'ROC_USAGE', 'names tt50 twice'],
    ['a file that is not there', () => [join(dir, 'none.csv')], 'ROC_NOT_FOUND', 'cannot be read'],
    [
      'a policy with a contradiction',
      () => [demand, '--policy', file('bad.yaml', 'version: 1\nbounds: { min: 9, max: 2 }\n')],
      'ROC_POLICY_INVALID',
      'bounds',
    ],
    [
      'a policy with an unknown key',
      () => [demand, '--policy', file('odd.yaml', 'version: 1\nmagic: true\n')],
      'ROC_POLICY_INVALID',
      'magic',
    ],
    [
      'an unknown format',
      () => [demand, '--output', join(dir, 'r.pdf')],
      'ROC_USAGE',
      'expected FILE=FORMAT',
    ],
    [
      'a folder that is not there',
      () => [demand, '--output', join(dir, 'no/r.html')],
      'ROC_INVALID_INPUT',
      'cannot be written',
    ],
    [
      'one policy twice',
      () => [demand, '--policy', file('a.yaml', 'version: 1\n'), '--policy', file('a.yml', 'version: 1\n')],
      'ROC_USAGE',
      'two policies are named a',
    ],
    [
      'a policy with the name of a baseline',
      () => [demand, '--policy', file('tt50.yaml', 'version: 1\n'), '--against', 'tt50'],
      'ROC_USAGE',
      'two contenders are named tt50',
    ],
    ['history with nothing to look at', () => ['cloudwatch:14d'], 'ROC_USAGE', 'no group whose history'],
  ])('refuses %s with exit code 2', async (_, argv, code, message) => {
    const end = await run(...argv(), '--json');
    const { error } = end.json<{ error: { code: string; message: string; hint: string } }>();
    expect([end.exitCode, error.code]).toEqual([2, code]);
    expect(error.message).toContain(message);
    expect(error.hint).not.toBe('');
  });

  it('writes no report where something is wrong', async () => {
    const target = join(dir, 'never.html');
    await run(demand, '--against', 'magic', '--output', target, '--json');
    expect(existsSync(target)).toBe(false);
  });
});
