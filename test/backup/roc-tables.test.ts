/** The shipped policy knows roc's own tables: what is appended, what changes all day, what is compared. */
import { describe, expect, it } from 'vitest';
import { loadBackupPolicy } from '../../src/backup/load-policy.js';
import { chooseMode, type TablePolicy } from '../../src/backup/manifest/table-modes.js';
import type { RdsAsset } from '../../src/backup/model.js';
import { MIGRATIONS } from '../../src/orchestrator/store/migrations.js';
import { projectRoot } from '../helpers/project.js';

function shippedTables(): string[] {
  const steps = MIGRATIONS.flatMap((migration) => migration.steps);
  return [...new Set(steps.flatMap((step) => (step.kind === 'table' ? [step.table] : [])))];
}

async function tablePolicy(): Promise<TablePolicy> {
  const { policy } = await loadBackupPolicy(projectRoot, undefined);
  return (policy.assets[0] as RdsAsset).checks.tables;
}

describe("the shipped policy for roc's own tables", () => {
  it('takes no table for append-only whose key does not grow with time', async () => {
    const policy = await tablePolicy();
    const appended = shippedTables().filter((table) => {
      const choice = chooseMode(policy, 'roc', table);
      return 'mode' in choice && choice.mode === 'append-only';
    });
    // Ids that are ULIDs; a key that begins with a tenant grows in the middle.
    expect(appended.sort()).toEqual(['deployment', 'evidence']);
  });

  it('excludes none, and calls what changes all day mutable', async () => {
    const policy = await tablePolicy();
    const modes = Object.fromEntries(
      shippedTables().map((table) => [table, chooseMode(policy, 'roc', table)]),
    );
    expect(Object.values(modes).filter((choice) => 'excluded' in choice)).toEqual([]);
    expect(modes).toMatchObject({
      job: { mode: 'mutable' },
      job_lease: { mode: 'mutable' },
      audit_event: { mode: 'mutable' },
      robot: { mode: 'sampled', isCritical: true },
      robot_version: { mode: 'mutable', isCritical: true },
    });
  });
});
