import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { type Outcome, play, SETTLE_MS } from './play.js';
import { SCENARIOS } from './scenarios.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const SEEDS = seedsOf(process.env['ROC_FAULTS_SEED']) ?? (isLong ? [1, 2, 3] : [1]);
const ONLY = process.env['ROC_FAULTS_ONLY'];
/** What `npm test` has time for; the others run at full size, or when they are asked for. */
const EVERY_DAY = ['a runner dies', 'a node dies', 'all claim at once', 'deploys and rollbacks under load'];
const SIZE = isLong ? { runners: 6, jobs: 1000, faults: 12 } : { runners: 2, jobs: 80, faults: 2 };

const rows: Record<string, unknown>[] = [];

describeWith(['mariadbd', 'haproxy', 'aws'], 'two nodes under faults', () => {
  const scenarios = SCENARIOS.filter(({ name }) =>
    ONLY === undefined ? isLong || EVERY_DAY.includes(name) : name.includes(ONLY),
  );
  describe.each(SEEDS)('seed %i', (seed) => {
    it.each(scenarios)('$name', { timeout: SETTLE_MS * 2 }, async (scenario) => {
      const outcome = await play(scenario, seed, SIZE);
      rows.push({ scenario: scenario.name, seed, ...counts(outcome) });
      expect(outcome).toMatchObject({
        lost: [],
        notOnce: [],
        unexplained: [],
        wrongVersion: [],
        deadlocks: 0,
      });
      if (!scenario.mayRepeat) expect(outcome.repeated).toEqual([]);
    });
  });

  afterAll(() => {
    console.table(rows);
    const file = process.env['ROC_FAULTS_REPORT'];
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
  });
});

function counts(outcome: Outcome): Record<string, number> {
  const sizes = Object.entries(outcome).map(
    ([name, value]) => [name, Array.isArray(value) ? value.length : Math.round(value as number)] as const,
  );
  return Object.fromEntries(sizes);
}

function seedsOf(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  const seeds = text.split(',').map(Number);
  if (seeds.every(Number.isSafeInteger)) return seeds;
  throw new TypeError(`ROC_FAULTS_SEED=${text} holds no numbers`);
}
