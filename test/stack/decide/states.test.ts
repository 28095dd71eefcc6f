import { describe, expect, it } from 'vitest';
import { decideRecovery } from '../../../src/stack/decide/recovery.js';
import { endedWell, STACK_STATES, stackState } from '../../../src/stack/decide/stack-state.js';
import { serviceModel } from '../../helpers/aws-model/service-model.js';
import { describeWith } from '../../helpers/parts.js';

const NO_WISHES = { skip: [], leave: [] };
const database = (status: string) => ({
  logicalId: 'Database',
  physicalId: 'db-1',
  type: 'AWS::RDS::DBInstance',
  status,
});

describeWith('botocore', 'the table of states', () => {
  it('has every state that AWS has, and no other', () => {
    const known = serviceModel('cloudformation').shapes['StackStatus']?.enum ?? [];
    expect(Object.keys(STACK_STATES).sort()).toEqual([...known].sort());
  });
});

describe('a state', () => {
  it.each(Object.entries(STACK_STATES))(
    '%s: what runs is busy, what may be updated is ready',
    (status, state) => {
      if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS')
        expect(state.readiness).toBe('busy');
      if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) expect(state.readiness).toBe('ready');
      if (/ROLLBACK_FAILED$/.test(status)) expect(['stuck', 'dead']).toContain(state.readiness);
      expect(state.says).not.toBe('');
      expect(state.next).toMatch(/[.)`]$/);
    },
  );

  it('that AWS adds one day is left alone', () => {
    expect(stackState('UPDATE_PAUSED')).toMatchObject({ readiness: 'busy' });
    expect(stackState(null)).toMatchObject({ readiness: 'absent' });
  });

  it('in which an operation has ended well is no rollback', () => {
    const well = Object.keys(STACK_STATES).filter(endedWell);
    expect(well).toEqual(['CREATE_COMPLETE', 'DELETE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);
  });
});

describe('recovery', () => {
  it.each([
    [null, 'none'],
    ['CREATE_COMPLETE', 'none'],
    ['UPDATE_ROLLBACK_COMPLETE', 'none'],
    ['UPDATE_IN_PROGRESS', 'attach'],
    ['DELETE_IN_PROGRESS', 'attach'],
    ['REVIEW_IN_PROGRESS', 'delete'],
    ['ROLLBACK_COMPLETE', 'delete'],
    ['CREATE_FAILED', 'delete'],
    ['DELETE_FAILED', 'delete'],
    ['UPDATE_ROLLBACK_FAILED', 'continue'],
    ['IMPORT_ROLLBACK_FAILED', 'continue'],
  ])('of %s is %s', (status, kind) => {
    expect(decideRecovery(status, [], NO_WISHES).kind).toBe(kind);
  });

  it.each(['CREATE_COMPLETE', 'CREATE_FAILED', 'DELETE_FAILED', 'UPDATE_COMPLETE'])(
    'never deletes a stack whose database is %s',
    (status) => {
      for (const stack of ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'DELETE_FAILED'])
        expect(decideRecovery(stack, [database(status)], NO_WISHES)).toMatchObject({
          kind: 'refuse',
          next: expect.stringContaining('--leave Database'),
        });
    },
  );

  it('deletes where the data is gone, stays anyway, never was, or is left by name', () => {
    for (const status of ['DELETE_COMPLETE', 'DELETE_SKIPPED'])
      expect(decideRecovery('ROLLBACK_FAILED', [database(status)], NO_WISHES).kind).toBe('delete');
    const never = { ...database('CREATE_FAILED'), physicalId: null };
    expect(decideRecovery('ROLLBACK_FAILED', [never], NO_WISHES).kind).toBe('delete');
    expect(
      decideRecovery('ROLLBACK_FAILED', [database('CREATE_COMPLETE')], { skip: [], leave: ['Database'] }),
    ).toMatchObject({ kind: 'delete', retain: ['Database'] });
  });

  it('offers to skip only what CloudFormation lets one skip', () => {
    const all = [
      { ...database('UPDATE_FAILED'), logicalId: 'Broken' },
      { ...database('UPDATE_FAILED'), logicalId: 'CalledOff', reason: 'Resource update cancelled' },
      { ...database('CREATE_FAILED'), logicalId: 'New' },
      { ...database('DELETE_FAILED'), logicalId: 'Old' },
    ];
    const { next } = decideRecovery('UPDATE_ROLLBACK_FAILED', all, NO_WISHES);
    expect(next.match(/--skip \w+/g)).toEqual(['--skip Broken']);
    for (const id of ['CalledOff', 'New', 'Old'])
      expect(decideRecovery('UPDATE_ROLLBACK_FAILED', all, { skip: [id], leave: [] }), id).toMatchObject({
        kind: 'refuse',
        says: expect.stringContaining('(Broken)'),
      });
  });

  it('names what may be skipped', () => {
    const failed = [database('UPDATE_FAILED')];
    expect(decideRecovery('UPDATE_ROLLBACK_FAILED', failed, NO_WISHES).next).toContain('--skip Database');
    expect(decideRecovery('UPDATE_ROLLBACK_FAILED', failed, { skip: ['Topic'], leave: [] })).toMatchObject({
      kind: 'refuse',
    });
  });
});
