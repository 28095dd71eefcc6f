import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRuns } from '../../../src/vulns/collect/merge-runs.js';
import { createRunWriter, type Run } from '../../../src/vulns/collect/run-file.js';
import { createScratchFiles } from '../../../src/vulns/scratch-files.js';

const anyRow = fc.record({
  rank: fc.integer({ min: 0, max: 5 }),
  key: fc.bigInt({ min: 0n, max: 2n ** 80n - 1n }).map((n) => n.toString(16).padStart(20, '0')),
  size: fc.nat(300),
});

async function merged(runs: readonly Run[]): Promise<string[]> {
  const rows: string[] = [];
  await mergeRuns(runs, (json) => {
    rows.push(json.toString());
    return undefined;
  });
  return rows;
}

describe('sorted runs', () => {
  it('come back as one order, whoever wrote which row, in memory or on disk', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRow, { selector: (row) => row.key, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (rows, writers, onDisk) => {
          const scratch = createScratchFiles();
          const all = Array.from({ length: writers }, () => createRunWriter(onDisk ? scratch : null));
          const json = (row: (typeof rows)[number]) =>
            JSON.stringify([row.rank, row.key, 'é'.repeat(row.size)]);
          for (const [i, row] of rows.entries()) all[i % writers]?.add(row.rank, row.key, json(row));
          const sorted = [...rows].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1)).map(json);
          expect(await merged(all.flatMap((writer) => writer.finish()))).toEqual(sorted);
          scratch.close();
        },
      ),
    );
  });

  it('are cut when a block is full, and rows longer than a block are whole', async () => {
    const scratch = createScratchFiles();
    const writer = createRunWriter(scratch);
    const texts = ['a', 'b', 'c'].map((letter, i) => JSON.stringify(letter.repeat((i + 1) * 4_000_000)));
    for (const [i, text] of texts.entries()) writer.add(3 - i, `${i}`.repeat(20), text);
    const runs = writer.finish();
    expect(runs.length).toBeGreaterThan(1);
    expect(await merged(runs)).toEqual([...texts].reverse());
    scratch.close();
  });
});
