/** Evidence input for tests: a run that passed, and what a test changes of it. */
import type { EvidenceInput } from '../../../src/backup/evidence-input.js';
import { HOUR, MINUTE } from '../../../src/kernel/time.js';

export function sampleInput(change: Partial<EvidenceInput> = {}): EvidenceInput {
  return {
    run: 'run-0001',
    tool: { name: 'roc', version: '0.1.0' },
    operator: { account: '123456789012', arn: 'arn:aws:sts::123456789012:assumed-role/dba/ana' },
    policy: {
      id: 'BKP-01',
      approvedBy: 'ciso@example.com',
      approvedOn: '2026-10-01',
      sha256: 'a'.repeat(64),
    },
    asset: { id: 'shop-prod', type: 'rds-mysql', source: 'shop-prod', region: 'eu-central-1' },
    point: {
      kind: 'automated',
      id: 'rds:shop-prod-2026-10-01-03-00',
      arn: null,
      source: 'shop-prod',
      at: Date.parse('2026-10-01T03:00:00Z'),
      status: 'available',
      encrypted: true,
      kmsKeyId: 'arn:aws:kms:eu-central-1:123456789012:key/1111',
      sizeGb: 200,
      engineVersion: '8.4.3',
      tags: {},
    },
    manifest: {
      id: 'm-00000001',
      file: 'manifest-m-00000001.json',
      sha256: 'b'.repeat(64),
      takenAt: Date.parse('2026-10-01T02:58:00Z'),
      mode: 'exact',
    },
    instance: { id: 'roc-v-run-0001', class: 'db.m7g.large', multiAz: false },
    startedAt: '2026-10-02T08:00:00.000Z',
    finishedAt: '2026-10-02T09:31:00.000Z',
    rto: { target: 2 * HOUR, connect: 14 * MINUTE, critical: 41 * MINUTE, full: 78 * MINUTE },
    rpo: { target: 15 * MINUTE, measured: 5 * MINUTE, from: 'restorable-time' },
    checks: [
      {
        id: 'schema',
        verdict: 'pass',
        expected: '41 definitions',
        actual: 'all the same',
        seconds: 0.4,
        critical: true,
      },
      {
        id: 'table:shop.orders',
        verdict: 'pass',
        expected: '8,000 rows',
        actual: '8,000 rows, 9 of 9 chunks identical',
        seconds: 1.5,
        critical: true,
        details: { chunks: 9, damaged: [] },
      },
    ],
    coverage: { tables: 7, rows: 10_000, rowsChecked: 9_000, bytesChecked: 1_000_000, detection: 1 },
    exclusions: [{ name: 'tmp_*', reason: 'scratch' }],
    deviations: [],
    timeline: [{ at: '2026-10-02T08:00:00.000Z', event: 'planned', detail: {} }],
    requests: [{ call: 'rds:RestoreDBInstanceFromDBSnapshot', requestId: 'r-1' }],
    journalSha256: 'c'.repeat(64),
    seed: '0badcafe',
    cleanup: { verdict: 'done', leftovers: [], goneAt: '2026-10-02T09:30:00.000Z' },
    costUsd: 0.84,
    verdict: 'pass',
    ...change,
  };
}
