/** The ways out of bad states, drift, destroy and import, on roc's own strict fake of CloudFormation. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyPlan } from '../../src/stack/apply.js';
import { deploy } from '../../src/stack/deploy.js';
import { destroy, disarm, planDestroy, rearm } from '../../src/stack/destroy.js';
import { findDrift } from '../../src/stack/drift.js';
import { makePlan } from '../../src/stack/plan.js';
import type { SavedPlan } from '../../src/stack/plan-file.js';
import { recover } from '../../src/stack/recover.js';
import { importResources } from '../../src/stack/run-import.js';
import { stackStatus } from '../../src/stack/status.js';
import { tellOperation } from '../../src/stack/tell-operation.js';
import { type FakeCloud, startFakeCloud } from '../helpers/cloudformation/fake-cloud.js';
import {
  blueprint,
  deployed,
  planRequest,
  smallTemplate,
  stackOf,
  testEngine,
  useTestCredentials,
  withProperties,
} from '../helpers/cloudformation/small-stack.js';
import { describeWith } from '../helpers/parts.js';

useTestCredentials();

const GONE = { confirm: async () => {} };
const PLACE = { stackName: 'roc-dev', env: 'dev' };
const alive = (cloud: FakeCloud) =>
  [...cloud.stacks.values()].filter(({ deletedAt }) => deletedAt === undefined);

let cloud: FakeCloud;

function onFake(name: string, tests: () => void): void {
  describeWith('botocore', `${name}, on the strict fake`, () => {
    beforeEach(async () => {
      cloud = await startFakeCloud();
    });
    afterEach(async () => {
      expect(cloud.aws.problems).toEqual([]);
      await cloud.close();
    });
    tests();
  });
}

const failedCreation = async (id: string, reason = 'no') => {
  cloud.failures.set(id, reason);
  await expect(deployed(cloud)).rejects.toMatchObject({ code: 'ROC_STACK_FAILED' });
  cloud.failures.clear();
};
const failedRollback = async () => {
  await deployed(cloud);
  cloud.failures.set('Topic', 'Invalid parameter');
  cloud.rollbackFailures.set('Database', 'DB instance is not in the available state');
  const template = smallTemplate((r) => {
    withProperties(r, 'Database', { MultiAZ: false });
    withProperties(r, 'Topic', { DisplayName: 'x' });
  });
  const plan = await makePlan(testEngine(cloud), planRequest(template));
  await expect(
    applyPlan(testEngine(cloud), { plan: plan as SavedPlan, allowReplace: [] }),
  ).rejects.toMatchObject({ details: { status: 'UPDATE_ROLLBACK_FAILED', cause: { logicalId: 'Topic' } } });
  cloud.failures.clear();
};
const recovered = (wishes: { skip?: string[]; leave?: string[] } = {}) =>
  recover(testEngine(cloud), { ...PLACE, skip: [], leave: [], ...GONE, ...wishes });

onFake('recovery', () => {
  it('a first creation that failed is deleted; what it left behind is named', async () => {
    await failedCreation('Database');
    expect(stackOf(cloud).status).toBe('ROLLBACK_COMPLETE');
    await expect(makePlan(testEngine(cloud), planRequest())).rejects.toMatchObject({
      code: 'ROC_REFUSED',
      hint: expect.stringContaining('roc provision recover'),
    });
    expect(await recovered()).toMatchObject({ did: 'delete', kept: [{ logicalId: 'Robots' }] });
    expect(alive(cloud)).toEqual([]);
  });

  it('bare provision offers the way out and goes on', async () => {
    await failedCreation('Topic');
    const asked: string[] = [];
    const result = await deploy(testEngine(cloud), {
      plan: planRequest(),
      allowReplace: [],
      show: () => {},
      confirm: async (question) => void asked.push(question),
    });
    expect(asked[0]).toMatch(/failed on its first creation[\s\S]*deleted/);
    expect(asked[1]).toMatch(/^Create roc-dev in account 111122223333, eu-west-1/);
    expect(result).toMatchObject({ how: 'executed', status: 'CREATE_COMPLETE' });
  });

  it('--on-failure keep leaves a first creation that fails as it is, to be looked at', async () => {
    cloud.failures.set('Topic', 'no such topic');
    const plan = await makePlan(testEngine(cloud), { ...planRequest(), onFailure: 'keep' });
    await expect(
      applyPlan(testEngine(cloud), { plan: plan as SavedPlan, allowReplace: [] }),
    ).rejects.toMatchObject({ code: 'ROC_STACK_FAILED', details: { status: 'CREATE_FAILED' } });
    expect(stackOf(cloud).resources.get('Database')?.status).toBe('CREATE_COMPLETE');
    cloud.failures.clear();
    expect(await recovered({ leave: ['Database', 'Robots'] })).toMatchObject({ did: 'delete' });
  });

  it('never deletes a stack that holds data, unless each is named and stays', async () => {
    cloud.deleteFailures.set('Database', 'Cannot delete protected DB Instance');
    await failedCreation('Topic');
    expect(stackOf(cloud).status).toBe('ROLLBACK_FAILED');
    await expect(recovered()).rejects.toMatchObject({
      code: 'ROC_REFUSED',
      message: expect.stringContaining('still holds Database'),
      hint: expect.stringContaining('--leave Database'),
    });
    expect(alive(cloud)).toHaveLength(1);
    expect(await recovered({ leave: ['Database'] })).toMatchObject({ did: 'delete' });
    expect(alive(cloud)).toEqual([]);
    expect(cloud.retained.some((id) => id.includes('Database'))).toBe(true);
  });

  it('a rollback that stopped is continued', async () => {
    await failedRollback();
    cloud.rollbackFailures.clear();
    expect(await recovered()).toMatchObject({ did: 'continue', status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(stackOf(cloud).resources.get('Database')?.properties).toMatchObject({ MultiAZ: true });
  });

  it('a rollback that stops again skips only what failed, and only where it is named', async () => {
    await failedRollback();
    await expect(recovered({ skip: ['Network'] })).rejects.toMatchObject({
      code: 'ROC_REFUSED',
      message: expect.stringContaining('only what failed can (Database, Topic)'),
    });
    await expect(recovered()).rejects.toMatchObject({ code: 'ROC_STACK_FAILED' });
    expect(await recovered({ skip: ['Database'] })).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  });

  it('a plan that was never applied is cleaned away', async () => {
    await makePlan(testEngine(cloud), planRequest());
    expect(stackOf(cloud).status).toBe('REVIEW_IN_PROGRESS');
    expect(await recovered()).toMatchObject({ did: 'delete', status: null });
    expect([cloud.changeSets.size, alive(cloud).length]).toEqual([0, 0]);
  });

  it('what runs is joined, what is well is left alone, what is not ours is refused', async () => {
    cloud.stepsPerLook = 2;
    const plan = (await makePlan(testEngine(cloud), planRequest())) as SavedPlan;
    const leaving = new AbortController();
    const left = { ...testEngine(cloud, { signal: leaving.signal }), onEvent: () => leaving.abort() };
    await expect(applyPlan(left, { plan, allowReplace: [] })).rejects.toMatchObject({ exitCode: 75 });
    expect(await recovered()).toMatchObject({ did: 'attach', status: 'CREATE_COMPLETE' });
    expect(await recovered()).toMatchObject({ did: 'none', status: 'CREATE_COMPLETE' });
    stackOf(cloud).tags = {};
    await expect(recovered()).rejects.toMatchObject({ code: 'ROC_REFUSED' });
  });

  it('status says the first cause and the next step of each bad state', async () => {
    expect(await stackStatus(testEngine(cloud), 'roc-dev')).toMatchObject({ exists: false, cause: null });
    await failedCreation('Role', 'not authorized to perform: iam:CreateRole');
    expect(await stackStatus(testEngine(cloud), 'roc-dev')).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      cause: { logicalId: 'Role', advice: expect.stringContaining('roc iam policy') },
      next: expect.stringContaining('roc provision recover'),
    });
    await recovered();
    await failedRollback();
    expect(await stackStatus(testEngine(cloud), 'roc-dev')).toMatchObject({
      status: 'UPDATE_ROLLBACK_FAILED',
      cause: { logicalId: 'Topic' },
      resources: { failed: ['Database', 'Topic'] },
    });
  });

  it('who joins before the first event is written is told the running operation, not the last one', async () => {
    await deployed(cloud);
    const template = smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'x' }));
    const plan = (await makePlan(testEngine(cloud), planRequest(template))) as SavedPlan;
    cloud.stepsPerLook = 0;
    const leaving = new AbortController();
    const left = { ...testEngine(cloud, { signal: leaving.signal }), onEvent: () => leaving.abort() };
    await expect(applyPlan(left, { plan, allowReplace: [] })).rejects.toMatchObject({ exitCode: 75 });
    const written = stackOf(cloud).events.splice(-1);
    let looks = 0;
    const engine = testEngine(cloud);
    const slow = async () => {
      if (++looks === 2) stackOf(cloud).events.push(...written);
      if (looks === 3) cloud.stepsPerLook = 50;
    };
    expect(await tellOperation({ ...engine, wait: slow }, 'roc-dev', true)).toMatchObject({
      status: 'UPDATE_COMPLETE',
      isRunning: false,
    });
    expect(engine.events.at(-1)).toMatchObject({ event: 'stack', status: 'UPDATE_COMPLETE' });
  });

  it('events tell the last operation again, and end with its cause', async () => {
    await failedCreation('Role');
    const engine = testEngine(cloud);
    expect(await tellOperation(engine, 'roc-dev', false)).toMatchObject({
      hasFailed: true,
      isRunning: false,
      cause: { logicalId: 'Role' },
    });
    expect(engine.events[0]).toMatchObject({ event: 'stack', status: 'CREATE_IN_PROGRESS' });
    expect(engine.events.at(-1)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  });
});

onFake('drift', () => {
  it('tells what somebody changed from what AWS changes by itself', async () => {
    await deployed(cloud);
    cloud.drift.set('Database', { status: 'MODIFIED', actual: { EngineVersion: '8.4.11' } });
    expect(await findDrift(testEngine(cloud), 'roc-dev')).toMatchObject({ hasDrifted: false });
    cloud.drift.set('Topic', { status: 'MODIFIED', actual: { DisplayName: 'by hand' } });
    cloud.drift.set('AppGroup', { status: 'DELETED' });
    const { hasDrifted, resources } = await findDrift(testEngine(cloud), 'roc-dev');
    expect(hasDrifted).toBe(true);
    expect(resources.map(({ logicalId, verdict }) => `${logicalId} ${verdict}`)).toEqual([
      'AppGroup deleted',
      'Topic drifted',
      'Database managed',
      'Network inSync',
      'Role inSync',
      'Robots inSync',
    ]);
  });

  it('is not denied where AWS could not look at everything', async () => {
    await deployed(cloud);
    const engine = testEngine(cloud);
    expect(await findDrift(engine, 'roc-dev')).toMatchObject({ hasDrifted: false, incomplete: null });
    cloud.handlers = {
      'cloudformation:DescribeStackDriftDetectionStatus': () => ({
        ...{ StackId: stackOf(cloud).id, StackDriftDetectionId: 'd-1', DetectionStatus: 'DETECTION_FAILED' },
        ...{ DetectionStatusReason: 'Not authorized to read AWS::IAM::Role', Timestamp: new Date(0) },
      }),
    };
    expect(await findDrift(engine, 'roc-dev')).toMatchObject({
      hasDrifted: false,
      incomplete: 'Not authorized to read AWS::IAM::Role',
    });
  });

  it('cannot be told of a stack that is not there', async () => {
    await expect(findDrift(testEngine(cloud), 'roc-dev')).rejects.toMatchObject({ code: 'ROC_REFUSED' });
  });
});

onFake('destroy', () => {
  const place = { ...PLACE, account: null, region: null };

  it('keeps what is to be kept, takes a snapshot, and says both', async () => {
    await deployed(cloud);
    const plan = await planDestroy(testEngine(cloud), place);
    expect(plan).toMatchObject({
      kept: [{ logicalId: 'Robots' }],
      snapshots: [{ logicalId: 'Database' }],
      deleted: 4,
      isProtected: true,
    });
    expect(await destroy(testEngine(cloud), plan, false)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(cloud.snapshots).toEqual(['Database']);
    expect(cloud.retained.some((id) => id.includes('Robots'))).toBe(true);
  });

  it('refuses what would lose data; takes off what would stop it halfway', async () => {
    const naked = smallTemplate((r) => {
      const { DeletionPolicy, ...rest } = r['Database']!;
      r['Database'] = rest;
      expect(DeletionPolicy).toBe('Snapshot');
    });
    await deployed(cloud, naked);
    await expect(planDestroy(testEngine(cloud), place)).rejects.toThrow(/Database would be lost/);
    cloud.stacks.clear();
    await deployed(
      cloud,
      smallTemplate((r) => withProperties(r, 'Database', { DeletionProtection: true })),
    );
    const plan = await planDestroy(testEngine(cloud), place);
    expect(plan).toMatchObject({ guarded: [{ logicalId: 'Database' }], isProtected: true });
    await disarm(testEngine(cloud), plan);
    expect(await planDestroy(testEngine(cloud), place)).toMatchObject({ guarded: [], isProtected: false });
    await rearm(testEngine(cloud), plan);
    expect(await planDestroy(testEngine(cloud), place)).toMatchObject(plan);
    await destroy(testEngine(cloud), plan, false);
    expect(cloud.snapshots).toEqual(['Database']);
  });

  it('what somebody deployed while the name was typed is not destroyed unseen', async () => {
    await deployed(cloud);
    const seen = await planDestroy(testEngine(cloud), place);
    const template = smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'x' }));
    const theirs = await makePlan(testEngine(cloud), planRequest(template));
    await applyPlan(testEngine(cloud), { plan: theirs as SavedPlan, allowReplace: [] });
    await expect(destroy(testEngine(cloud), seen, false)).rejects.toMatchObject({
      code: 'ROC_PRECONDITION_FAILED',
      exitCode: 4,
    });
    expect(stackOf(cloud)).toMatchObject({ status: 'UPDATE_COMPLETE', isProtected: true });
  });

  it('disarm takes the protection off and nothing else; a stack of others is refused', async () => {
    await deployed(cloud);
    await disarm(testEngine(cloud), await planDestroy(testEngine(cloud), place));
    expect(stackOf(cloud)).toMatchObject({ status: 'CREATE_COMPLETE', isProtected: false });
    await expect(planDestroy(testEngine(cloud), { ...place, env: 'prod' })).rejects.toMatchObject({
      code: 'ROC_REFUSED',
    });
    await expect(planDestroy(testEngine(cloud), { ...place, stackName: 'other' })).rejects.toMatchObject({
      code: 'ROC_NOT_FOUND',
    });
  });

  it('a deletion that stops halfway says why', async () => {
    await deployed(cloud);
    cloud.deleteFailures.set('Network', 'The vpc has dependencies and cannot be deleted.');
    const plan = await planDestroy(testEngine(cloud), place);
    await expect(destroy(testEngine(cloud), plan, false)).rejects.toMatchObject({
      code: 'ROC_STACK_FAILED',
      message: expect.stringContaining('Network (AWS::EC2::VPC): The vpc has dependencies'),
      hint: expect.stringContaining('outside the stack'),
    });
  });
});

onFake('import', () => {
  const without = (id: string) =>
    smallTemplate((resources) => {
      delete resources[id];
    });
  const taken = (wishes: { logicalId: string; physicalId: string }[], template = smallTemplate()) =>
    importResources(testEngine(cloud), {
      request: { ...planRequest(), blueprint: blueprint(template) },
      wishes,
      show: (plan) => expect(plan.changes.every(({ action }) => action === 'import')).toBe(true),
      confirm: async () => {},
    });

  it('takes an existing resource in under its own name', async () => {
    const { Outputs: _, ...rest } = without('Robots');
    await deployed(cloud, { ...rest, Outputs: { dbPort: { Value: '3306' } } });
    expect(await taken([{ logicalId: 'Robots', physicalId: 'robots-of-old' }])).toMatchObject({
      status: 'IMPORT_COMPLETE',
    });
    expect(stackOf(cloud).resources.get('Robots')?.physicalId).toBe('robots-of-old');
    const plan = await makePlan(testEngine(cloud), planRequest());
    expect(plan.changes).toEqual([]);
  });

  it('says everything that stands in the way at once', async () => {
    await expect(
      taken([
        { logicalId: 'AppGroup', physicalId: 'sg-1' },
        { logicalId: 'Nothing', physicalId: 'x' },
      ]),
    ).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
      message: expect.stringMatching(/AppGroup refers to Network[\s\S]*Nothing is no resource/),
    });
    expect(cloud.stacks.size).toBe(0);
  });
});
