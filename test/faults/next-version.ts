/** The version of roc after this one, as far as the database goes: the same code with one more migration. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildMutant, type Mutation } from './mutant.js';

/** Adds what an expand migration may add: a column to the busiest table, an index, a table. */
const NEXT_MIGRATION: Mutation = {
  file: 'src/orchestrator/store/migrations.ts',
  from: '\n];',
  to: `
  {
    version: 9000,
    name: 'next',
    steps: [
      { kind: 'column', table: 'job', column: 'next_note', definition: "varchar(64) not null default ''" },
      { kind: 'index', table: 'job_event', index: 'next', columns: ['created_at'], unique: false },
      { kind: 'table', table: 'next_thing', columns: 'id varchar(26) not null, primary key (id)' },
    ],
  },
];`,
};

let built: string | undefined;

/** Builds it once for all who ask. @returns the folder of its package.json */
export function nextVersion(): string {
  if (built === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'roc-next-'));
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    built = buildMutant(dir, NEXT_MIGRATION);
  }
  return built;
}
