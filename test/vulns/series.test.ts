import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withTempDir } from '../helpers/temp-dir.js';
import { report } from './run-report.js';
import { inspectorFinding } from './samples.js';

const month = (n: number) => Date.UTC(2025, n, 1);
const digestOf = (n: number) => `sha256:${String(n).padStart(64, '0')}`;

/** `payments/api CVE-2025-1001` in the image built that month. */
function finding(name: string, build: number) {
  const [repo = '', cve = ''] = name.split(' ');
  const arn = `arn:aws:inspector2:eu-west-1:111122223333:finding/${build}-${repo}-${cve}`;
  const made = inspectorFinding({ cve, arn, digest: digestOf(build) });
  const [resource] = made.resources;
  return {
    ...made,
    firstObservedAt: new Date(month(build)).toISOString(),
    resources: [
      {
        ...resource,
        id: resource!.id.replace('shop/api', repo),
        details: {
          awsEcrContainerImage: { ...resource!.details.awsEcrContainerImage, repositoryName: repo },
        },
      },
    ],
  };
}

const STATES = ['new', 'open', 'fixed', 'regressed'] as const;

async function sets(store: string, names: readonly string[], n: number) {
  const made = await report(
    { 'i.json': { findings: names.map((name) => finding(name, n)) } },
    { store, now: month(n), scope: ['all'] },
  );
  const named = (state: string) =>
    made.findings
      .filter((each) => each.state === state)
      .map((each) => `${each.resource.repo} ${each.ids.cve}`)
      .sort();
  return Object.fromEntries(STATES.map((state) => [state, named(state)]));
}

const API = ['CVE-2025-1001', 'CVE-2025-1002', 'CVE-2025-1003'].map((cve) => `payments/api ${cve}`);
const WEB = ['CVE-2025-1001', 'CVE-2025-2001'].map((cve) => `shop/web ${cve}`);

describe('Inspector month by month, every month with another build of each image', () => {
  it('tells new and fixed apart for each image', async () => {
    await withTempDir(async (store) => {
      const series = [
        [...API.slice(0, 2), WEB[0]!],
        [...API, WEB[0]!],
        [API[0]!, API[2]!, ...WEB],
        [API[0]!, WEB[1]!],
        [API[0]!, API[1]!, WEB[1]!],
        [],
      ];
      const told: Awaited<ReturnType<typeof sets>>[] = [];
      for (const [n, names] of series.entries()) told.push(await sets(store, names, n));
      expect(told).toEqual([
        { new: [API[0], API[1], WEB[0]], open: [], fixed: [], regressed: [] },
        { new: [API[2]], open: [API[0], API[1], WEB[0]], fixed: [], regressed: [] },
        { new: [WEB[1]], open: [API[0], API[2], WEB[0]], fixed: [API[1]], regressed: [] },
        { new: [], open: [API[0], WEB[1]], fixed: [API[2], WEB[0]], regressed: [] },
        { new: [], open: [API[0], WEB[1]], fixed: [], regressed: [API[1]] },
        { new: [], open: [], fixed: [API[0], API[1], WEB[1]], regressed: [] },
      ]);
    });
  });

  it('agrees with plain set arithmetic on any series', async () => {
    const all = [...API, ...WEB];
    const series = fc.array(fc.subarray(all), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(series, (months) =>
        withTempDir(async (store) => {
          const ever = new Set<string>();
          let before = new Set<string>();
          for (const [n, names] of months.entries()) {
            const now = new Set(names);
            const sorted = (keep: (name: string) => boolean) => all.filter(keep).sort();
            const expected = {
              new: sorted((name) => now.has(name) && !ever.has(name)),
              open: sorted((name) => now.has(name) && before.has(name)),
              fixed: sorted((name) => !now.has(name) && before.has(name)),
              regressed: sorted((name) => now.has(name) && ever.has(name) && !before.has(name)),
            };
            expect(await sets(store, names, n)).toEqual(expected);
            for (const name of names) ever.add(name);
            before = now;
          }
        }),
      ),
      { numRuns: 15 },
    );
  });
});
