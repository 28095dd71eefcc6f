/** Two versions of roc work on one schema while nodes are replaced: a migration that is no contract only adds. */
import { describe, expect, it } from 'vitest';
import type { Migration, Step } from '../../../src/orchestrator/store/migrations/step.js';
import { MIGRATIONS } from '../../../src/orchestrator/store/migrations.js';

/** What is wrong with a step for code that does not know it; null where nothing is. */
function breaks(step: Step, own: ReadonlySet<string>): string | null {
  switch (step.kind) {
    case 'table':
      return null;
    case 'index':
      // Rows that the code before may write could be refused by it.
      return step.unique && !own.has(step.table)
        ? `a unique index on ${step.table}, which was there before`
        : null;
    case 'column':
      return /not null/i.test(step.definition) && !/default/i.test(step.definition)
        ? `${step.table}.${step.column} must be given, and the code before does not give it`
        : null;
    case 'fill':
      return /^\s*insert\s+into\s+(\w+)/i.test(step.statement)
        ? null
        : 'a fill that does more than to add rows';
  }
}

function problemsOf({ steps }: Migration): string[] {
  const own = new Set(steps.flatMap((step) => (step.kind === 'table' ? [step.table] : [])));
  return steps.map((step) => breaks(step, own)).filter((problem) => problem !== null);
}

describe('the rule of expand and contract', () => {
  it.each(MIGRATIONS.filter(({ contract }) => !contract).map((one) => [one.name, one] as const))(
    '%s only adds',
    (_, migration) => {
      expect(problemsOf(migration)).toEqual([]);
    },
  );

  it('numbers them in their order, each once', () => {
    const versions = MIGRATIONS.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(new Set(MIGRATIONS.map(({ name }) => name)).size).toBe(MIGRATIONS.length);
  });

  it.each<[string, Step]>([
    [
      'a column without a default',
      { kind: 'column', table: 'job', column: 'x', definition: 'integer not null' },
    ],
    ['a unique index', { kind: 'index', table: 'job', index: 'x', columns: ['id'], unique: true }],
    ['an update', { kind: 'fill', statement: 'update job set state = 1' }],
    ['a table that goes', { kind: 'fill', statement: 'drop table job' }],
  ])('would notice %s', (_, step) => {
    expect(problemsOf({ version: 1, name: 'bad', steps: [step] })).toHaveLength(1);
  });
});
