import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildTable, lookUp } from '../../src/vulns/decide/table.js';
import { loadFeeds } from '../../src/vulns/feeds/load.js';
import { feedLookup } from '../../src/vulns/feeds/lookup.js';
import { tableSchema } from '../../src/vulns/policy.js';
import { readVexFile } from '../../src/vulns/vex/read.js';
import { describeWith } from '../helpers/parts.js';
import { sharedData } from '../helpers/shared-data.js';
import { NOW, report } from './run-report.js';

/** The members that the tests count by themselves. */
interface Document {
  readonly matches?: readonly object[];
  readonly Results?: readonly {
    readonly Vulnerabilities?: readonly object[];
    readonly Secrets?: readonly object[];
    readonly Misconfigurations?: readonly { readonly Status?: string }[];
  }[];
  readonly spdxVersion?: string;
  readonly statements?: readonly object[];
  readonly vulnerabilities?: readonly { readonly analysis?: object }[];
}

interface Scenario {
  readonly event_payload: {
    readonly detail: {
      readonly findings: readonly { finding_info: { uid: string }; severity_id: number }[];
    };
  };
}

describeWith('shared-data', 'files that real tools wrote', () => {
  const root = join(sharedData() ?? '', 'findings');
  const text = (path: string) => readFileSync(join(root, path), 'utf8');
  const json = <T = Document>(path: string): T => JSON.parse(text(path)) as T;
  const files = (folder: string) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`);
  const read = (...paths: string[]) => report({}, { inputs: paths.map((path) => join(root, path)) });
  const lines = (path: string) =>
    text(path)
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));

  it('holds as many findings as the folder’s own list says, file by file', async () => {
    const listed = [...text('README.md').matchAll(/^\| ((?:asff|ecr|guardduty)[\w-]*\/\S+) \| (\d+) \|/gm)];
    expect(listed.length).toBeGreaterThan(40);
    const counted: (readonly [string, number])[] = [];
    for (const [, path = ''] of listed) {
      const { intake } = await read(path);
      expect([path, intake.problems]).toEqual([path, {}]);
      const left = Object.values(intake.left).reduce((sum, count) => sum + count, 0);
      counted.push([path, intake.observations + left]);
    }
    expect(counted).toEqual(listed.map(([, path, count]) => [path, Number(count)]));
  });

  it('leaves out passed controls and GuardDuty samples, and nothing else', async () => {
    const made = await read('asff', 'asff-asr', 'guardduty');
    const passed = [...files('asff'), ...files('asff-asr')].flatMap((path) => [
      ...text(path).matchAll(/"Status": ?"PASSED"/g),
    ]).length;
    expect(made.intake.left).toEqual({ passed, sample: 8, archived: 0, 'not-applicable': 0, ignored: 0 });
    expect(made.summary.bySeverity.unknown).toBe(0);
  });

  it('reads every match of Grype and every row of Trivy', async () => {
    for (const path of files('grype'))
      expect([path, (await read(path)).intake.observations]).toEqual([path, json(path).matches?.length]);
    for (const path of [...files('trivy'), ...files('trivy-golden')]) {
      if (json(path).spdxVersion !== undefined) continue;
      const expected = (json(path).Results ?? []).reduce(
        (sum, result) =>
          sum +
          (result.Vulnerabilities?.length ?? 0) +
          (result.Secrets?.length ?? 0) +
          (result.Misconfigurations ?? []).filter((one) => one.Status === 'FAIL').length,
        0,
      );
      const { intake } = await read(path);
      expect([path, intake.observations, intake.problems]).toEqual([path, expected, {}]);
    }
  });

  it('names an SPDX bill of materials as a format that it does not read', async () => {
    const spdx = 'trivy-golden/khulnasoft__julia-spdx.json.golden';
    await expect(read(spdx)).rejects.toMatchObject({ code: 'ROC_INVALID_INPUT' });
    const { intake } = await read(spdx, 'trivy-golden/khulnasoft__npm.json.golden');
    expect(intake.problems).toEqual({ 'unknown-format': 1 });
  });

  it('takes a finding and its OCSF form for one', async () => {
    const pair = ['asff-ocsf-pairs/ocsf__sechub-pci.raw', 'asff-ocsf-pairs/ocsf__sechub-pci.ocsf'] as const;
    const [asff, ocsf] = await Promise.all(pair.map(async (path) => (await read(path)).findings[0]!));
    const same = (finding: typeof asff) => ({
      lane: finding!.lane,
      severity: finding!.severity,
      control: finding!.ids.control,
      arn: finding!.ids.arn,
      title: finding!.title,
      account: finding!.resource.account,
      region: finding!.resource.region,
      firstSeen: finding!.firstSeen,
      lastSeen: finding!.lastSeen,
    });
    expect(same(ocsf)).toEqual(same(asff));
    const both = await read(...pair);
    expect(both.findings.map((finding) => finding.sources.map(({ tool }) => tool))).toEqual([
      ['asff', 'ocsf'],
    ]);
  });

  it('reads Security Hub’s own events of its second version', async () => {
    const scenarios = json<Scenario[]>('ocsf/cruxstack__scenarios.json');
    const made = await report({ 'events.json': scenarios.map((scenario) => scenario.event_payload) });
    const expected = scenarios.flatMap((scenario) => scenario.event_payload.detail.findings);
    expect(made.intake.problems).toEqual({});
    expect(made.intake.observations).toBe(expected.length);
    const levels = new Map([
      [1, 'info'],
      [2, 'low'],
      [3, 'medium'],
      [4, 'high'],
      [5, 'critical'],
    ]);
    const severityOf = new Map(
      expected.map((finding) => [finding.finding_info.uid, levels.get(finding.severity_id)]),
    );
    for (const finding of made.findings)
      expect([finding.sources[0]!.id, finding.severity]).toEqual([
        finding.sources[0]!.id,
        severityOf.get(finding.sources[0]!.id),
      ]);
  });

  it('gives the same findings when all files are read twice, in any order', async () => {
    const folders = ['asff', 'guardduty', 'grype', 'trivy', 'ecr'];
    const once = await read(...folders);
    const again = await read(...[...folders].reverse(), ...folders);
    expect(again.findings).toEqual(once.findings);
  });

  describe('feeds', () => {
    it('knows what CISA’s catalogue says in its other format', async () => {
      const { data, states } = await loadFeeds(join(root, 'kev'), NOW, 7);
      const csv = text('kev/cisagov__known_exploited_vulnerabilities.csv');
      const ids = [...csv.matchAll(/^"?(CVE-\d{4}-\d+)/gm)].map(([, id]) => id!);
      expect(states[0]).toMatchObject({ name: 'kev', present: true, entries: ids.length });
      expect([...data.kev!.keys()].sort()).toEqual([...new Set(ids)].sort());
      expect([...data.kev!.values()].filter((entry) => entry.ransomware)).toHaveLength(
        csv.split(/\n(?="?CVE-)/).filter((row) => /,"?Known"?,/.test(row)).length,
      );
    });

    it('looks up all 44,026 decision points as the table has them', async () => {
      const { data, states } = await loadFeeds(join(root, 'ssvc'), NOW, 7);
      const [header, ...rows] = lines('ssvc/vulnrichment_ssvc_2024-10-24.csv');
      expect(header?.slice(0, 4)).toEqual(['cve', 'exploitation', 'automatable', 'technical_impact']);
      expect(states[2]!.entries).toBe(rows.length);
      const lookup = feedLookup(data);
      const wrong = rows.filter(([cve = '', exploitation = '', automatable = '', impact = '']) => {
        const point = lookup.ssvc(cve);
        const word = exploitation.toLowerCase();
        return (
          point?.exploitation !== (word === 'poc' ? 'public poc' : word) ||
          point.automatable !== automatable.toLowerCase() ||
          point.impact !== impact.toLowerCase()
        );
      });
      expect(wrong).toEqual([]);
    });
  });

  describe('published tables', () => {
    const shipped = (name: string) =>
      buildTable(tableSchema.parse(parse(readFileSync(`policies/${name}.yaml`, 'utf8'))));
    const DAYS = new Map([
      ['fix on system upgrade', null],
      ['60 days', 60],
      ['14 days', 14],
      ['3 days', 3],
    ]);

    it('BOD 26-04: all sixteen rows as CISA publishes them', () => {
      const [, ...rows] = lines('ssvc/cisa_bod_26_04_1_0_0.csv');
      expect(rows).toHaveLength(16);
      for (const [row, kev, exposed, automatable, impact, outcome = ''] of rows) {
        const verdict = lookUp(shipped('vulns-bod-26-04'), [kev!, exposed!, automatable!, impact!]);
        const days = DAYS.has(outcome) ? DAYS.get(outcome) : 3;
        expect(verdict).toMatchObject({ decided: true, certain: true, row: { row: Number(row), days } });
        expect(verdict.decided && verdict.row.action.includes('forensic')).toBe(/forensic/.test(outcome));
      }
    });

    it('the coordinator tree: all thirty-six rows as CISA publishes them', () => {
      const [, ...rows] = lines('ssvc/cisa_coordinator_2_0_3.csv');
      expect(rows).toHaveLength(36);
      for (const [row, ...cells] of rows) {
        const outcome = cells.pop();
        expect(lookUp(shipped('vulns-cisa-coordinator'), cells)).toMatchObject({
          decided: true,
          row: { row: Number(row), outcome },
        });
      }
    });
  });

  it('reads the VEX documents of others, and says why a statement does not count', async () => {
    for (const path of [...files('vex-openvex'), ...files('vex-cyclonedx')]) {
      const document = json(path);
      const all =
        document.statements ?? (document.vulnerabilities ?? []).filter((one) => one.analysis !== undefined);
      const { statements, refused } = await readVexFile(join(root, path));
      expect([path, statements.length + refused.length]).toEqual([path, all.length]);
      for (const statement of statements) {
        expect(statement.vulnerability.length).toBeGreaterThan(0);
        expect(statement.products.length).toBeGreaterThan(0);
      }
    }
  });
});
