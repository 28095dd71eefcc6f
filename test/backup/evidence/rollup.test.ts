/** The auditor's roll-up: what was tested in a period, how often, and what is still open. */
import { describe, expect, it } from 'vitest';
import { parsePeriod } from '../../../src/backup/evidence/period.js';
import { rollUp, type VerifiedReport } from '../../../src/backup/evidence/rollup.js';
import { rollupHtml, rollupMarkdown } from '../../../src/backup/evidence/rollup-pages.js';
import type { EvidenceInput } from '../../../src/backup/evidence-input.js';
import { DAY } from '../../../src/kernel/time.js';
import { shopAsset } from '../checks/shop.js';
import { sampleInput } from './sample.js';

const Q4 = parsePeriod('2026-Q4');
const AFTER = Date.parse('2027-02-01');

function reportAt(
  at: string,
  change: Partial<EvidenceInput> = {},
  integrity: VerifiedReport['integrity'] = 'pass',
) {
  const report = sampleInput({ run: `run-${at}`, finishedAt: `${at}T00:00:00.000Z`, ...change });
  return { number: 1, sha256: 'd'.repeat(64), integrity, report: report as VerifiedReport['report'] };
}

describe('periods', () => {
  it.each([
    ['2026-Q4', '2026-10-01', '2027-01-01'],
    ['2026-12', '2026-12-01', '2027-01-01'],
    ['2026', '2026-01-01', '2027-01-01'],
  ])('%s is from %s to %s', (text, from, to) => {
    expect(parsePeriod(text)).toEqual({ name: text, from: Date.parse(from), to: Date.parse(to) });
  });

  it.each(['2026-Q5', '2026-13', 'Q4', '26', ''])('refuses %j', (text) => {
    expect(() => parsePeriod(text)).toThrow(/no period/);
  });
});

describe('roll-up', () => {
  const asset = shopAsset();
  const monthly = ['2026-09-20', '2026-10-15', '2026-11-10', '2026-12-05', '2026-12-30'].map((at) =>
    reportAt(at),
  );

  it('passes where every asset was tested as often as asked, and all of it passed', () => {
    const rollup = rollUp(monthly, Q4, [asset], AFTER);
    expect(rollup).toMatchObject({ verdict: 'pass', period: '2026-Q4' });
    expect(rollup.reports).toHaveLength(4);
    expect(rollup.assets).toMatchObject([
      { asset: 'shop-prod', runs: 4, pass: 4, longestGap: 26 * DAY, open: [] },
    ]);
  });

  it.each<[string, VerifiedReport[], RegExp]>([
    ['an asset that was never tested', [], /not tested as often/],
    ['a test that was left out', monthly.filter((_, i) => i !== 2), /not tested as often/],
    ['a last run that failed', [...monthly, reportAt('2026-12-31', { verdict: 'fail' })], /ended with fail/],
    [
      'something left behind',
      [
        ...monthly,
        reportAt('2026-12-31', { cleanup: { verdict: 'failed', leftovers: ['x'], goneAt: null } }),
      ],
      /left something behind/,
    ],
  ])('is open with %s', (_name, reports, why) => {
    const rollup = rollUp(reports, Q4, [asset], AFTER);
    expect(rollup.verdict).toBe('fail');
    expect(rollup.assets[0]?.open.join('; ')).toMatch(why);
  });

  it('takes no pass from a forged report, and none for proved without the key', () => {
    const forged = monthly.map((report, i) => (i === 2 ? { ...report, integrity: 'fail' as const } : report));
    expect(rollUp(forged, Q4, [asset], AFTER)).toMatchObject({ verdict: 'fail' });
    const unknown = monthly.map((report) => ({ ...report, integrity: 'inconclusive' as const }));
    expect(rollUp(unknown, Q4, [asset], AFTER).verdict).toBe('inconclusive');
  });

  it('does not count the days that are still to come', () => {
    const now = Date.parse('2026-10-20');
    expect(rollUp(monthly.slice(0, 2), Q4, [asset], now)).toMatchObject({ verdict: 'pass' });
  });

  it('shows both on a page and in Markdown', () => {
    const rollup = rollUp(monthly, Q4, [asset], AFTER);
    expect(rollupHtml(rollup)).toContain('All assets proved restorable');
    expect(rollupMarkdown(rollup)).toContain('| shop-prod (rds-mysql) | 4 | 4 |');
  });
});
