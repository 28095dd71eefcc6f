import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { createGate } from './gate.js';
import { play, SETTLE_MS } from './play.js';
import { faultTables, type Run } from './report.js';
import { SCENARIOS } from './scenarios.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const SEEDS = seedsOf(process.env['ROC_FAULTS_SEED']) ?? (isLong ? [1, 2, 3] : [1]);
const ONLY = process.env['ROC_FAULTS_ONLY']?.split(',').map((part) => part.trim());
/** What `npm test` has time for; the others run at full size, or when they are asked for. */
const EVERY_DAY = [
  ...['a runner dies', 'a node dies', 'all claim at once', 'deploys and rollbacks under load'],
  ...['the secret of the database is rotated', 'both nodes are restarted, one after the other'],
];
const SIZE = isLong ? { runners: 4, jobs: 300, faults: 6 } : { runners: 2, jobs: 80, faults: 2 };
/** Most of a run is waiting for leases to end: some go side by side, each on a cluster of its own. */
const LANES = Number(process.env['ROC_FAULTS_LANES'] ?? (isLong ? 3 : 1));
/** A run waits until it is its turn. */
const TIMEOUT_MS = isLong ? 3 * 3_600_000 : SETTLE_MS * 10;

const runs: Run[] = [];
const started = performance.now();
// Each program that a test starts hangs one on the end of this process.
process.setMaxListeners(500);

describeWith(['mariadbd', 'haproxy', 'aws'], 'two nodes under faults', () => {
  const gate = createGate(LANES);
  const scenarios = SCENARIOS.filter(({ name }) =>
    ONLY === undefined ? isLong || EVERY_DAY.includes(name) : ONLY.some((part) => name.includes(part)),
  );
  describe.concurrent.each(SEEDS)('seed %i', (seed) => {
    it.concurrent.each(scenarios)('$name', { timeout: TIMEOUT_MS, retry: 0 }, (scenario) =>
      gate(async () => {
        const from = performance.now();
        const outcome = await play(scenario, seed, SIZE);
        runs.push({ scenario, seed, outcome, tookMs: Math.round(performance.now() - from) });
        process.stdout.write(
          `${scenario.name}, seed ${seed}: ${Math.round((runs.at(-1)?.tookMs ?? 0) / 1000)} s ${outcome.complaints.join('; ')}\n`,
        );
        expect(outcome).toMatchObject({
          ...{ lost: [], notOnce: [], unexplained: [], wrongVersion: [], wrongOutput: [] },
          ...{ deadlocks: 0, failedAttempts: 0, complaints: [] },
        });
        if (!scenario.mayRepeat) expect(outcome.repeated).toEqual([]);
        expect(Math.max(0, ...outcome.recoveries)).toBeLessThanOrEqual(scenario.recoversWithin);
      }),
    );
  });

  afterAll(() => {
    const minutes = ((performance.now() - started) / 60_000).toFixed(1);
    const load = loadavg().map((value) => value.toFixed(1));
    const size = `at least ${SIZE.jobs} jobs a run, ${SIZE.runners} runners, ${SIZE.faults} faults`;
    const text = `${faultTables(runs)}\n${size}; ${runs.length} runs, ${LANES} at a time, in ${minutes} min; load ${load.join(', ')}\n`;
    process.stdout.write(`\n${text}\n`);
    const file = process.env['ROC_FAULTS_REPORT'];
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
  });
});

function seedsOf(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  const seeds = text.split(',').map(Number);
  if (seeds.every(Number.isSafeInteger)) return seeds;
  throw new TypeError(`ROC_FAULTS_SEED=${text} holds no numbers`);
}
