import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { until } from '../helpers/until.js';
import { readAccounts } from './accounts.js';
import { type Cluster, startCluster } from './cluster.js';
import { readLedger } from './ledger.js';
import { startLoad } from './load.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { seeded } from './seeded.js';
import { judge, type Verdict } from './verdict.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const SEEDS = seedsOf(process.env['ROC_FAULTS_SEED']) ?? (isLong ? [1, 2, 3] : [1]);
const ONLY = process.env['ROC_FAULTS_ONLY'];
/** What `npm test` has time for; the others run at full size only. */
const EVERY_DAY = ['a runner dies', 'a node dies', 'deploys and rollbacks under load'];
const SIZE = isLong ? { jobs: 1000, faults: 12 } : { jobs: 80, faults: 2 };
const FLEET = isLong ? { runners: 6, slots: 4 } : { runners: 2, slots: 4 };
/** Lost leases come back after a minute, and a job may lose several. */
const SETTLE_MS = 6 * 60_000;

const rows: Record<string, unknown>[] = [];

describeWith(['mariadbd', 'haproxy', 'aws'], 'two nodes under faults', () => {
  const scenarios = SCENARIOS.filter(({ name }) =>
    ONLY === undefined ? isLong || EVERY_DAY.includes(name) : name.includes(ONLY),
  );
  describe.each(SEEDS)('seed %i', (number) => {
    it.each(scenarios)('$name', { timeout: SETTLE_MS * 2 }, async (scenario) => {
      const { verdict, settledMs } = await play(scenario, number);
      rows.push({
        scenario: scenario.name,
        seed: number,
        ...counts(verdict),
        settledMs: Math.round(settledMs),
      });
      expect(verdict).toMatchObject({ lost: [], notOnce: [], unexplained: [], wrongVersion: [] });
      if (!scenario.mayRepeat) expect(verdict.repeated).toEqual([]);
    });
  });

  afterAll(() => {
    // Past vitest's own output, so that the counts stand together at the end.
    console.table(rows);
    const file = process.env['ROC_FAULTS_REPORT'];
    if (file !== undefined) writeFileSync(join(file), `${JSON.stringify(rows, null, 2)}\n`);
  });
});

async function play(scenario: Scenario, number: number): Promise<{ verdict: Verdict; settledMs: number }> {
  const seed = seeded(number);
  const cluster = await startCluster(FLEET, seed);
  try {
    const load = await startLoad(cluster.url, cluster.ledger, seed);
    await load.publish('1.0.0');
    await load.deploy('1.0.0');
    await scenario.run({ cluster, load, seed, ...SIZE });
    const from = performance.now();
    await settled(cluster);
    const settledMs = performance.now() - from;
    const accounts = await readAccounts(cluster.database);
    return {
      verdict: judge([...load.accepted.keys()], readLedger(cluster.ledger), accounts, load.accepted),
      settledMs,
    };
  } finally {
    await cluster.stop();
  }
}

async function settled({ database }: Cluster): Promise<void> {
  const isOver = async () =>
    (await readAccounts(database)).every(({ state }) =>
      ['succeeded', 'failed', 'dead', 'held'].includes(state),
    );
  await until('every job to end', isOver, { timeoutMs: SETTLE_MS, everyMs: 500 });
}

function counts(verdict: Verdict): Record<string, number> {
  const sizes = Object.entries(verdict).map(
    ([name, value]) => [name, Array.isArray(value) ? value.length : Math.round(value)] as const,
  );
  return Object.fromEntries(sizes);
}

function seedsOf(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  const seeds = text.split(',').map(Number);
  if (seeds.every(Number.isSafeInteger)) return seeds;
  throw new TypeError(`ROC_FAULTS_SEED=${text} holds no numbers`);
}
