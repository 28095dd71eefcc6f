/** Feeds for measurements: every CVE of the generated findings has an EPSS score, a third SSVC points, some are in KEV. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CVES } from './vulns-input.js';

/** @returns the folder, as `--feeds` takes it */
export function writeFeeds(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const cves = CVES.map((cve, i) => ({ cve, i }));
  const vulnerabilities = cves
    .filter(({ i }) => i % 150 === 0)
    .map(({ cve }) => ({ cveID: cve, dateAdded: '2024-11-01', dueDate: '2024-11-22' }));
  writeFileSync(
    join(dir, 'kev.json'),
    JSON.stringify({
      catalogVersion: '2025.01.30',
      dateReleased: '2025-01-30T00:00:00Z',
      count: vulnerabilities.length,
      vulnerabilities,
    }),
  );
  const epss = cves.map(({ cve, i }) => `${cve},${((i % 97) ** 3 / 1e6).toFixed(5)},${(i % 97) / 100}`);
  writeFileSync(
    join(dir, 'epss.csv'),
    [
      '#model_version:v2025.01.01,score_date:2025-01-31T00:00:00+0000',
      'cve,epss,percentile',
      ...epss,
      '',
    ].join('\n'),
  );
  const ssvc = cves
    .filter(({ i }) => i % 3 === 0)
    .map(
      ({ cve, i }) =>
        `${cve},${['none', 'poc', 'active'][i % 40 === 0 ? 2 : i % 2]},${i % 5 === 0 ? 'yes' : 'no'},${i % 4 === 0 ? 'total' : 'partial'}`,
    );
  writeFileSync(
    join(dir, 'ssvc.csv'),
    ['cve,exploitation,automatable,technical_impact', ...ssvc, ''].join('\n'),
  );
  return dir;
}
