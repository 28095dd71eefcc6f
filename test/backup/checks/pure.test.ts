/** What checks decide from counts, digests and definitions, without a database. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeRows } from '../../../src/backup/checks/assertions.js';
import { judgeFreshness } from '../../../src/backup/checks/freshness.js';
import { judgeHeartbeat } from '../../../src/backup/checks/heartbeat.js';
import { type JudgeRules, judgeTable, type TableReading } from '../../../src/backup/checks/judge-table.js';
import { detection, drawChunks, onePercent } from '../../../src/backup/checks/sampling.js';
import { diffSchema } from '../../../src/backup/checks/schema.js';
import { judgeDrift } from '../../../src/backup/configuration/checks.js';
import { canonicalItems, diffItems } from '../../../src/backup/configuration/items.js';
import type { ManifestTable, TableMode } from '../../../src/backup/manifest/model.js';
import { chooseMode } from '../../../src/backup/manifest/table-modes.js';
import { chunkRowsFor } from '../../../src/backup/manifest/take.js';
import { DAY, HOUR, MINUTE } from '../../../src/kernel/time.js';
import { shopAsset } from './shop.js';

const CHUNKS = ['aa', 'bb', 'cc'].map((digest, i) => ({
  upTo: i < 2 ? [`${i * 10}`] : null,
  rows: 10,
  digest: digest.repeat(8),
}));

function tableIn(mode: TableMode, watermark: string[] | null = null): ManifestTable {
  return {
    name: 't',
    mode,
    rows: 30,
    bytes: 0,
    fold: 'xor',
    key: ['id'],
    watermark,
    columns: '',
    chunks: CHUNKS,
  };
}

function reading(
  change: Record<number, Partial<{ rows: number; digest: string }>> = {},
  more: Partial<TableReading> = {},
): TableReading {
  const chunks = CHUNKS.map(({ rows, digest }, index) => ({ index, rows, digest, ...change[index] }));
  return { chunks, rows: null, above: 0, ...more };
}

const EXACT: JudgeRules = { isExact: true, tolerancePct: 5 };
const WRITTEN: JudgeRules = { isExact: false, tolerancePct: 5 };

describe('a table against its manifest', () => {
  it.each<[string, TableMode, TableReading, JudgeRules, string]>([
    ['the same', 'exact', reading(), EXACT, 'pass'],
    ['the same, though the source was written', 'exact', reading(), WRITTEN, 'pass'],
    ['another digest', 'exact', reading({ 1: { digest: 'ff'.repeat(8) } }), EXACT, 'fail'],
    [
      'another digest while it was written',
      'exact',
      reading({ 1: { digest: 'ff'.repeat(8) } }),
      WRITTEN,
      'inconclusive',
    ],
    ['rows above a watermark in an exact table', 'exact', reading({}, { above: 1 }), EXACT, 'fail'],
    ['a sample that fits, but another count', 'sampled', reading({}, { rows: 31 }), EXACT, 'fail'],
    [
      'a tail that has grown',
      'append-only',
      reading({ 2: { rows: 12, digest: 'ee'.repeat(8) } }),
      WRITTEN,
      'pass',
    ],
    [
      'a tail of as many rows, but others',
      'append-only',
      reading({ 2: { digest: 'ee'.repeat(8) } }),
      WRITTEN,
      'fail',
    ],
    [
      'a tail that lost a row',
      'append-only',
      reading({ 2: { rows: 9, digest: 'ee'.repeat(8) } }),
      WRITTEN,
      'fail',
    ],
    [
      'a middle that has grown',
      'append-only',
      reading({ 1: { rows: 12, digest: 'ee'.repeat(8) } }),
      WRITTEN,
      'fail',
    ],
    ['newer rows', 'append-only', reading({}, { above: 5 }), EXACT, 'pass'],
    ['a count within the tolerance', 'mutable', { chunks: [], rows: 32, above: 0 }, EXACT, 'pass'],
    ['a count beyond it', 'mutable', { chunks: [], rows: 33, above: 0 }, EXACT, 'fail'],
    [
      'nothing left',
      'mutable',
      { chunks: [], rows: 0, above: 0 },
      { isExact: true, tolerancePct: 100 },
      'fail',
    ],
  ])('%s (%s)', (_name, mode, read, rules, verdict) => {
    expect(judgeTable(tableIn(mode), read, rules).verdict).toBe(verdict);
  });

  it('passes only what is the same, whatever was changed', () => {
    const change = fc.record({
      at: fc.nat(2),
      rows: fc.nat(20),
      digest: fc.constantFrom(...CHUNKS.map(({ digest }) => digest)),
    });
    fc.assert(
      fc.property(change, ({ at, rows, digest }) => {
        const { verdict, damaged } = judgeTable(tableIn('exact'), reading({ [at]: { rows, digest } }), EXACT);
        const isSame = CHUNKS[at]?.rows === rows && CHUNKS[at]?.digest === digest;
        expect(verdict).toBe(isSame ? 'pass' : 'fail');
        expect(damaged.map(({ index }) => index)).toEqual(isSame ? [] : [at]);
      }),
    );
  });
});

describe('samples', () => {
  it('are the same for the same seed, within range, without repeats', () => {
    fc.assert(
      fc.property(
        fc.nat().map((n) => n.toString(16)),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(250),
        (seed, total, wanted) => {
          const drawn = drawChunks(seed, 't', total, wanted);
          expect(drawChunks(seed, 't', total, wanted)).toEqual(drawn);
          expect(new Set(drawn).size).toBe(Math.min(total, wanted));
          expect(drawn.every((chunk) => chunk >= 0 && chunk < total)).toBe(true);
        },
      ),
    );
    expect(drawChunks('aa', 't', 100, 10)).not.toEqual(drawChunks('bb', 't', 100, 10));
    expect(drawChunks('aa', 't', 100, 10)).not.toEqual(drawChunks('aa', 'u', 100, 10));
  });

  it('tell the probability that a draw finds: that of counting all draws', () => {
    for (const [total, drawn, damaged] of [
      [5, 2, 1],
      [6, 3, 2],
      [7, 1, 3],
    ] as const) {
      const draws = subsets(total, drawn);
      const hits = draws.filter((draw) => draw.some((chunk) => chunk < damaged)).length;
      expect(detection(total, drawn, damaged)).toBeCloseTo(hits / draws.length);
    }
    expect(detection(10_000, 300, onePercent(10_000))).toBeCloseTo(0.95, 1);
    expect(detection(10_000, 300, 1)).toBeCloseTo(0.03);
    expect([detection(5, 5, 1), detection(5, 0, 1)]).toEqual([1, 0]);
  });

  it('have chunks that suit the size of a table', () => {
    expect(
      [0, 64_000, 6_400_000, 1e9].map((estimatedRows) => chunkRowsFor({ estimatedRows }, 100_000)),
    ).toEqual([1000, 1000, 100_000, 100_000]);
  });
});

describe('modes of tables', () => {
  const { tables } = shopAsset({
    tables: {
      default: 'sampled',
      exact: ['orders', 'other.logs'],
      appendOnly: ['*_log'],
      mutable: ['o*'],
      exclude: [{ name: 'tmp_?', reason: 'scratch' }],
    },
  }).checks;

  it.each([
    ['shop', 'orders', { mode: 'exact' }],
    ['shop', 'offers', { mode: 'mutable' }],
    ['shop', 'audit_log', { mode: 'append-only' }],
    ['shop', 'logs', { mode: 'sampled' }],
    ['other', 'logs', { mode: 'exact' }],
    ['shop', 'tmp_1', { excluded: 'scratch' }],
    ['shop', 'tmp_12', { mode: 'sampled' }],
    ['shop', 'a.b', { mode: 'sampled' }],
  ])('%s.%s', (database, table, choice) => {
    expect(chooseMode(tables, database, table)).toMatchObject(choice);
  });
});

describe('schemas', () => {
  const index = { kind: 'index', name: 'orders.by_status', definition: 'plain BTREE status' };

  it('differ by what is missing, changed or added', () => {
    expect(diffSchema('shop', [index], [index])).toEqual([]);
    expect(diffSchema('shop', [index], [])).toMatchObject([
      { object: 'index shop.orders.by_status', what: 'missing' },
    ]);
    expect(diffSchema('shop', [], [index])).toMatchObject([{ what: 'added' }]);
    expect(diffSchema('shop', [index], [{ ...index, definition: 'unique BTREE status' }])).toMatchObject([
      { what: 'changed' },
    ]);
  });
});

describe('assertions', () => {
  it.each([
    [{ c: 0 }, [{ c: '0' }], 'pass'],
    [{ c: 0 }, [{ c: '0.00' }], 'pass'],
    [{ c: 0 }, [{ c: '' }], 'fail'],
    [{ c: 0 }, [{ c: null }], 'fail'],
    [{ c: null }, [{ c: null }], 'pass'],
    [{ c: true }, [{ c: '1' }], 'pass'],
    [{ c: 'x' }, [{ c: 'X' }], 'fail'],
    [{ c: 0 }, [], 'fail'],
    [{ c: 0 }, [{ c: '0' }, { c: '0' }], 'fail'],
    [{ c: 0 }, [{ d: '0' }], 'inconclusive'],
  ])('%j of %j: %s', (expect_, rows, verdict) => {
    expect(judgeRows(expect_, rows).verdict).toBe(verdict);
  });

  it('show numbers, and of texts only their hash', () => {
    expect(judgeRows({ email: 'a@example.com' }, [{ email: 'jane@example.com' }]).actual).not.toContain(
      'jane',
    );
  });
});

describe('freshness', () => {
  it.each([
    ['in time', 5 * MINUTE, 'pass', 5 * MINUTE],
    ['too old', 20 * MINUTE, 'fail', 20 * MINUTE],
    ['of while the snapshot was made', -5 * MINUTE, 'pass', 0],
    // A wrong clock must neither pass nor count as no data lost.
    ['from long after the point', -DAY, 'inconclusive', undefined],
  ])('a heartbeat %s', (_name, lag, verdict, lagMs) => {
    const judged = judgeHeartbeat(lag, 10 * MINUTE, '2026-11-22T00:00:00.000Z');
    expect([judged.verdict, judged.details?.['lagMs']]).toEqual([verdict, lagMs]);
  });

  it.each([
    ['in time', HOUR, 'pass'],
    ['too old', 25 * HOUR, 'fail'],
    ['by a clock that is a little ahead', -MINUTE, 'pass'],
    ['that has not come yet', -DAY, 'inconclusive'],
    ['that is no time', Number.NaN, 'inconclusive'],
  ])('an export %s', (_name, age, verdict) => {
    const now = Date.UTC(2026, 10, 22);
    const takenAt = Number.isNaN(age) ? 'yesterday' : new Date(now - age).toISOString();
    expect(judgeFreshness('an export', takenAt, DAY, now, 'fail').verdict).toBe(verdict);
  });
});

describe('configuration', () => {
  const items = [
    { name: 'b', value: { x: 1, y: 'secret' } },
    { name: 'a', value: null },
  ];

  it('is the same bytes in any order, and differs by name only', () => {
    expect(canonicalItems(items)).toBe(canonicalItems([...items].reverse()));
    expect(
      diffItems(items, [
        { name: 'b', value: { y: 'secret', x: 1 } },
        { name: 'c', value: 1 },
      ]),
    ).toEqual([
      { name: 'a', what: 'removed' },
      { name: 'c', what: 'added' },
    ]);
    // Absent is not null, and null is not a text.
    expect(diffItems([{ name: 'a', value: null }], [{ name: 'a', value: 'null' }])).toEqual([
      { name: 'a', what: 'changed' },
    ]);
  });

  it('may have changed within the RPO, and not before', () => {
    const changed = [{ name: 'a', what: 'changed' as const }];
    expect(
      [
        judgeDrift([], 9 * DAY, DAY),
        judgeDrift(changed, HOUR, DAY),
        judgeDrift(changed, 2 * DAY, DAY),
        judgeDrift(changed, -DAY, DAY),
      ].map(({ verdict }) => verdict),
    ).toEqual(['pass', 'pass', 'fail', 'fail']);
  });
});

function subsets(total: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const firsts = Array.from({ length: Math.max(0, total - from) }, (_, i) => from + i);
  return firsts.flatMap((first) => subsets(total, size - 1, first + 1).map((rest) => [first, ...rest]));
}
