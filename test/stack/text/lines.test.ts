import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/stack/change.js';
import type { Plan } from '../../../src/stack/plan-model.js';
import { narrator } from '../../../src/stack/text/narrate.js';
import { planLines } from '../../../src/stack/text/plan-lines.js';

const change = (more: Partial<Change>): Change => ({
  ...{ action: 'modify', logicalId: 'Database', type: 'AWS::RDS::DBInstance', physicalId: 'db' },
  ...{ replacement: 'never', stateful: true, fate: 'unchanged', properties: [] },
  ...more,
});
const plan = (changes: Change[], more: Partial<Plan> = {}): Plan => ({
  ...{ stackName: 'roc-dev', env: 'dev', account: '1', region: 'eu-west-1', action: 'update', changes },
  cost: { monthlyUsd: 1289.1, deltaUsd: -12.5, asOf: '2026-11-21', unpriced: ['NAT traffic'] },
  ...{ posture: [], warnings: [], steps: [], pending: {} as Plan['pending'] },
  ...more,
});

describe('a plan for people', () => {
  it('says what changes, how far, and what is at risk', () => {
    const lines = planLines(
      plan([
        change({
          replacement: 'always',
          fate: 'snapshot',
          properties: [
            { path: 'Properties.StorageEncrypted', before: true, after: false, recreation: 'always' },
          ],
        }),
        change({ action: 'add', logicalId: 'Topic', type: 'AWS::SNS::Topic', stateful: false }),
      ]),
    );
    expect(lines).toEqual([
      'roc-dev in eu-west-1, account 1: update',
      '',
      '  ± Database                           RDS::DBInstance  made anew',
      '      StorageEncrypted: true → false  (makes it anew)',
      '  + Topic                              SNS::Topic',
      '',
      '1 to add, 1 to change, 0 to remove, 1 of them made anew',
      '  ! Database holds data and is made anew, empty; the old one leaves a snapshot. Needs --allow-replace Database',
      'cost: $1,289.10 a month (-$12.50), prices of 2026-11-21, usage not counted',
      'not priced: NAT traffic',
    ]);
  });

  it('that changes nothing says so in one line', () => {
    expect(planLines(plan([], { pending: null, cost: null }))).toEqual([
      'roc-dev in eu-west-1, account 1: nothing to change',
    ]);
  });

  it('a first plan counts by type', () => {
    const lines = planLines(
      plan([change({ action: 'add' }), change({ action: 'add', logicalId: 'B' })], { action: 'create' }),
    );
    expect(lines[2]).toMatch(/^ {2}\+ {3}2 RDS::DBInstance +Database, B$/);
  });
});

describe('a narrator', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 3, 0, second)).toISOString();
  const event = (logicalId: string, status: string, second: number, elapsedMs: number | null = null) => ({
    ...{
      event: 'resource' as const,
      at: at(second),
      logicalId,
      type: 'T',
      status,
      reason: null,
      physicalId: null,
    },
    ...{ elapsedMs, usualMs: logicalId === 'Database' ? 900_000 : null },
  });

  it('tells what is done, and shows what takes long beside its usual time', () => {
    const told = narrator(3);
    expect(told.live(0)).toBe('0/3 done · waiting for AWS');
    expect(told.tell(event('Database', 'CREATE_IN_PROGRESS', 0))).toEqual([]);
    expect(told.tell(event('Topic', 'CREATE_IN_PROGRESS', 1))).toEqual([]);
    expect(told.live(Date.parse(at(0)) + 250_000)).toBe(
      '0/3 done · Database 4m 10s of about 15m, Topic 4m 9s',
    );
    expect(told.tell(event('Topic', 'CREATE_COMPLETE', 5, 4000))).toEqual([
      '03:00:05  ✓ Topic created in 4.0s',
    ]);
    expect(told.live(Date.parse(at(10)))).toBe('1/3 done · Database 10s of about 15m');
  });

  it('says why something failed', () => {
    const failed = { ...event('Role', 'CREATE_FAILED', 2, 2000), reason: 'no' };
    expect(narrator(null).tell(failed)).toEqual([
      '03:00:02  ✗ Role could not be created in 2.0s\n            no',
    ]);
  });
});
