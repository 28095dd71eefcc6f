import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildTable, lookUp } from '../../../src/vulns/decide/table.js';
import { tableSchema } from '../../../src/vulns/policy.js';

const tables = ['vulns-bod-26-04', 'vulns-cisa-coordinator'].map((name) => {
  const source = tableSchema.parse(parse(readFileSync(`policies/${name}.yaml`, 'utf8')));
  return { name, source, table: buildTable(source) };
});
const [bod, coordinator] = tables;

// Row by row as published: in KEV, exposed, automatable, technical impact, timeline.
const BOD_ROWS = [
  ['no', 'no', 'no', 'partial', 'fix-on-upgrade', null],
  ['yes', 'no', 'no', 'partial', 'fix-14d', 14],
  ['no', 'yes', 'no', 'partial', 'fix-60d', 60],
  ['no', 'no', 'yes', 'partial', 'fix-60d', 60],
  ['no', 'no', 'no', 'total', 'fix-on-upgrade', null],
  ['yes', 'yes', 'no', 'partial', 'fix-14d', 14],
  ['yes', 'no', 'yes', 'partial', 'fix-14d', 14],
  ['no', 'yes', 'yes', 'partial', 'fix-14d', 14],
  ['yes', 'no', 'no', 'total', 'fix-14d', 14],
  ['no', 'yes', 'no', 'total', 'fix-14d', 14],
  ['no', 'no', 'yes', 'total', 'fix-60d', 60],
  ['yes', 'yes', 'yes', 'partial', 'fix-3d', 3],
  ['yes', 'yes', 'no', 'total', 'fix-3d-forensic', 3],
  ['yes', 'no', 'yes', 'total', 'fix-3d-forensic', 3],
  ['no', 'yes', 'yes', 'total', 'fix-3d', 3],
  ['yes', 'yes', 'yes', 'total', 'fix-3d-forensic', 3],
] as const;

describe('the BOD 26-04 table', () => {
  it.each(BOD_ROWS.map((row, i) => [i, ...row] as const))(
    'row %i: kev=%s exposed=%s automatable=%s impact=%s → %s',
    (row, kev, exposed, automatable, impact, action, days) => {
      const verdict = lookUp(bod!.table, [kev, exposed, automatable, impact]);
      expect(verdict).toMatchObject({ decided: true, certain: true, row: { row, action, days } });
    },
  );
});

// Exploitation, automatable, impact → the level at mission low, medium, high, as published.
const COORDINATOR_ROWS = [
  ['none', 'no', 'partial', ['track', 'track', 'track']],
  ['none', 'no', 'total', ['track', 'track', 'track*']],
  ['none', 'yes', 'partial', ['track', 'track', 'attend']],
  ['none', 'yes', 'total', ['track', 'track', 'attend']],
  ['public poc', 'no', 'partial', ['track', 'track', 'track*']],
  ['public poc', 'no', 'total', ['track', 'track*', 'attend']],
  ['public poc', 'yes', 'partial', ['track', 'track', 'attend']],
  ['public poc', 'yes', 'total', ['track', 'track*', 'attend']],
  ['active', 'no', 'partial', ['track', 'track', 'attend']],
  ['active', 'no', 'total', ['track', 'attend', 'act']],
  ['active', 'yes', 'partial', ['attend', 'attend', 'act']],
  ['active', 'yes', 'total', ['attend', 'act', 'act']],
] as const;

describe('the coordinator table', () => {
  const rows = COORDINATOR_ROWS.flatMap(([exploitation, automatable, impact, levels], i) =>
    levels.map(
      (level, m) =>
        [i * 3 + m, exploitation, automatable, impact, ['low', 'medium', 'high'][m], level] as const,
    ),
  );
  it('has 36 rows', () => expect(rows).toHaveLength(36));
  it.each(rows)(
    'row %i: %s automatable=%s %s mission=%s → %s',
    (row, exploitation, automatable, impact, mission, level) => {
      const verdict = lookUp(coordinator!.table, [exploitation, automatable, impact, mission!]);
      expect(verdict).toMatchObject({ decided: true, row: { row, outcome: level } });
    },
  );
});

describe.each(tables)('$name', ({ table, source }) => {
  const urgency = (outcome: string): number => Object.keys(source.outcomes).indexOf(outcome);
  const anyInputs = fc.tuple(
    ...Object.values(source.inputs).map((values) => fc.nat({ max: values.length - 1 })),
  );
  const valuesAt = (places: number[]): string[] =>
    Object.values(source.inputs).map((values, i) => values[places[i]!]!);

  it('never becomes less urgent when one input becomes worse', () => {
    fc.assert(
      fc.property(anyInputs, fc.nat(), (places, which) => {
        const worse = [...places];
        const input = which % places.length;
        worse[input] = Math.min(worse[input]! + 1, Object.values(source.inputs)[input]!.length - 1);
        const [a, b] = [places, worse].map((at) => lookUp(table, valuesAt(at)));
        if (!a?.decided || !b?.decided) throw new TypeError('full inputs always decide');
        expect(urgency(b.row.outcome)).toBeGreaterThanOrEqual(urgency(a.row.outcome));
      }),
    );
  });

  it('decides with a missing input only when every remaining row agrees', () => {
    fc.assert(
      fc.property(anyInputs, fc.array(fc.nat({ max: 3 }), { maxLength: 3 }), (places, hidden) => {
        const full = valuesAt(places);
        const partial = full.map((value, i) => (hidden.includes(i) ? null : value));
        const outcomes = new Set(
          table.rows
            .filter((row) => row.values.every((v, i) => partial[i] === null || partial[i] === v))
            .map((row) => row.outcome),
        );
        const verdict = lookUp(table, partial);
        expect(verdict.decided).toBe(outcomes.size === 1);
        if (!verdict.decided) expect(verdict.missing.length).toBeGreaterThan(0);
      }),
    );
  });

  it('refuses a table that lacks a row', () => {
    expect(tableSchema.safeParse({ ...source, rows: source.rows.slice(1) }).success).toBe(false);
  });
});
