import { describe, expect, it } from 'vitest';
import { projectPath } from '../helpers/project.js';

interface Summary {
  passed: number;
  failed: number;
  skipped: number;
  lines: string[];
}
const { summarize, lastLine } = (await import(projectPath('scripts/test-report.mjs'))) as {
  summarize(report: unknown, exitCode: number | null, required?: string[]): Summary;
  lastLine(summary: Pick<Summary, 'passed' | 'failed' | 'skipped'>): string;
};

const AWS =
  'reads findings [not run: aws (moto_server not found); pip install moto and its server extra] pages';
const MYSQL = 'the store [not run: mysql (mariadbd not found); apt-get install mariadb-server] claims';

describe('the summary of a test run', () => {
  it('counts what passed, failed and was skipped', () => {
    const report = reportOf(
      'a',
      ['passed', 'one'],
      ['passed', 'two'],
      ['failed', 'three'],
      ['skipped', 'four'],
    );
    expect(summarize(report, 1)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      lines: ['failed: three (a)'],
    });
  });

  it('says once for each missing part how many tests it kept from running', () => {
    const report = reportOf('a', ['passed', 'one'], ['skipped', AWS], ['skipped', MYSQL], ['skipped', AWS]);
    expect(summarize(report, 0)).toEqual({
      passed: 1,
      failed: 0,
      skipped: 3,
      lines: [
        'not run: aws (moto_server not found), 2 tests; to run them: pip install moto and its server extra',
        'not run: mysql (mariadbd not found), 1 test; to run them: apt-get install mariadb-server',
      ],
    });
  });

  it('does not ask for files of others under “all”, only by their name', () => {
    const data = 'files [not run: shared-data (no folder); set ROC_SHARED_DATA] read';
    const report = reportOf('a', ['passed', 'one'], ['skipped', data]);
    expect(summarize(report, 0, ['all'])).toMatchObject({ failed: 0, skipped: 1 });
    expect(summarize(report, 0, ['shared-data'])).toMatchObject({ failed: 1, skipped: 0 });
  });

  it.each([[['all']], [['aws']]])(
    'counts the tests of a missing part as failed where %j is required',
    (required) => {
      const { failed, skipped, lines } = summarize(
        reportOf('a', ['passed', 'one'], ['skipped', AWS]),
        0,
        required,
      );
      expect({ failed, skipped }).toEqual({ failed: 1, skipped: 0 });
      expect(lines[0]).toContain('1 test, but required');
    },
  );

  it('leaves a part alone that is not among the required', () => {
    expect(summarize(reportOf('a', ['skipped', AWS]), 0, ['mysql'])).toMatchObject({ failed: 0, skipped: 1 });
  });

  it('counts a file that could not be loaded', () => {
    const report = { testResults: [{ name: 'x.test.ts', status: 'failed', assertionResults: [] }] };
    expect(summarize(report, 1)).toEqual({ passed: 0, failed: 1, skipped: 0, lines: ['broken: x.test.ts'] });
  });

  it.each([[1], [null]])('is red when vitest ends with %s and no test failed', (exitCode) => {
    expect(summarize(reportOf('a', ['passed', 'one']), exitCode)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('is red when vitest wrote no report', () => {
    expect(summarize(null, 1)).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('the last line', () => {
  it.each([
    [{ passed: 3, failed: 0, skipped: 0 }, '3 passed, 0 failed'],
    [{ passed: 3, failed: 1, skipped: 2 }, '3 passed, 1 failed, 2 skipped'],
  ])('of %j', (summary, line) => {
    expect(lastLine(summary)).toBe(line);
  });
});

function reportOf(name: string, ...tests: [status: string, fullName: string][]) {
  const assertionResults = tests.map(([status, fullName]) => ({ status, fullName }));
  const status = tests.some(([state]) => state === 'failed') ? 'failed' : 'passed';
  return { testResults: [{ name, status, assertionResults }] };
}
