/** Plan and apply against roc's own strict fake of CloudFormation: every call and reply checked against AWS's model. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyPlan } from '../../src/stack/apply.js';
import { deploy } from '../../src/stack/deploy.js';
import { waiting } from '../../src/stack/engine.js';
import { discardPlan, makePlan } from '../../src/stack/plan.js';
import { planAndKeep } from '../../src/stack/plan-and-keep.js';
import { readPlan, type SavedPlan } from '../../src/stack/plan-file.js';
import { AwsFault } from '../helpers/aws-model/fake-aws.js';
import { type FakeCloud, startFakeCloud } from '../helpers/cloudformation/fake-cloud.js';
import {
  deployed,
  planRequest,
  smallTemplate,
  stackOf,
  testEngine,
  useTestCredentials,
  withProperties,
} from '../helpers/cloudformation/small-stack.js';
import { describeWith } from '../helpers/parts.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

useTestCredentials();

describeWith('botocore', 'a deployment on the strict fake', () => {
  let cloud: FakeCloud;
  let dir: string;
  beforeEach(async () => {
    cloud = await startFakeCloud();
    dir = makeTempDir('plan');
  });
  afterEach(async () => {
    expect(cloud.aws.problems).toEqual([]);
    await cloud.close();
    removeDir(dir);
  });
  const savedPlan = async (template = smallTemplate(), file = join(dir, 'plan.json')) =>
    (await planAndKeep(testEngine(cloud), planRequest(template), file)) as SavedPlan;
  const apply = (plan: SavedPlan, allowReplace: string[] = [], engine = testEngine(cloud)) =>
    applyPlan(engine, { plan, allowReplace });

  it('the first plan is a real change set; applied, the stack has its outputs and is protected', async () => {
    const plan = await savedPlan();
    expect(plan).toMatchObject({ action: 'create', account: '111122223333', region: 'eu-west-1' });
    expect(plan.changes.map(({ action, logicalId }) => `${action} ${logicalId}`)).toEqual([
      'add Network',
      'add AppGroup',
      'add Role',
      'add Robots',
      'add Database',
      'add Topic',
    ]);
    const engine = testEngine(cloud);
    const result = await apply(plan, [], engine);
    expect(result).toMatchObject({
      how: 'executed',
      status: 'CREATE_COMPLETE',
      warnings: [],
      outputs: { dbPort: 3306, privateSubnetIds: ['subnet-a', 'subnet-b'], url: null },
    });
    expect(stackOf(cloud)).toMatchObject({ isProtected: true, tags: { 'roc:env': 'dev' } });
    expect(stackOf(cloud).policy?.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Resource: ['LogicalResourceId/Robots', 'LogicalResourceId/Database'],
      }),
    );
    const database = engine.events.filter(
      (event) => event.event === 'resource' && event.logicalId === 'Database',
    );
    expect(database.at(-1)).toMatchObject({ status: 'CREATE_COMPLETE', elapsedMs: 5000, usualMs: 900_000 });
    expect(new Set(engine.events.map((event) => JSON.stringify(event))).size).toBe(engine.events.length);
  });

  it('the same again changes nothing and leaves nothing behind', async () => {
    await deployed(cloud);
    const before = cloud.changeSets.size;
    const plan = await makePlan(testEngine(cloud), planRequest());
    expect(plan).toMatchObject({ changes: [], pending: null, action: 'update' });
    expect(cloud.changeSets.size).toBe(before);
  });

  it('tells property by property what changes, what is made anew, and what only AWS knows', async () => {
    await deployed(cloud);
    const template = smallTemplate((resources) => {
      withProperties(resources, 'Network', { CidrBlock: '10.41.0.0/16' });
      withProperties(resources, 'Database', { MultiAZ: false });
      delete resources['Topic'];
    });
    const { changes } = await makePlan(testEngine(cloud), planRequest(template));
    const change = (id: string) => changes.find(({ logicalId }) => logicalId === id);
    expect(change('Network')).toMatchObject({
      action: 'modify',
      replacement: 'always',
      stateful: false,
      properties: [
        { path: 'Properties.CidrBlock', before: '10.40.0.0/16', after: '10.41.0.0/16', recreation: 'always' },
      ],
    });
    // Its VPC becomes another, whose id nobody knows yet.
    expect(change('AppGroup')).toMatchObject({
      replacement: 'conditional',
      properties: [{ path: 'Properties.VpcId', after: '(known after apply)', recreation: 'always' }],
    });
    expect(change('Database')).toMatchObject({ replacement: 'never', stateful: true, fate: 'unchanged' });
    expect(change('Topic')).toMatchObject({ action: 'remove', fate: 'lost', stateful: false });
  });

  it('a plan for the eye alone leaves no change set and no empty stack', async () => {
    await planAndKeep(testEngine(cloud), planRequest(), undefined);
    expect(cloud.changeSets.size).toBe(0);
    expect(stackOf(cloud).status).toBe('DELETE_COMPLETE');
  });

  it('a kept plan is readable by its owner alone, and refused once a byte of it differs', async () => {
    const file = join(dir, 'plan.json');
    const plan = await savedPlan(smallTemplate(), file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readPlan(file, Date.parse(plan.pending.createdAt))).toEqual(JSON.parse(JSON.stringify(plan)));
    const forged = { ...JSON.parse(JSON.stringify({ format: 1, plan })), sha256: '0'.repeat(64) };
    writeFileSync(file, JSON.stringify(forged));
    expect(() => readPlan(file, 0)).toThrow(/digest does not fit/);
    writeFileSync(file, '{"format":1');
    expect(() => readPlan(file, 0)).toThrow(/holds no plan/);
  });

  it('a plan is good for a day', async () => {
    const file = join(dir, 'plan.json');
    const { pending } = await savedPlan(smallTemplate(), file);
    const end = Date.parse(pending.expiresAt);
    expect(end - Date.parse(pending.createdAt)).toBe(86_400_000);
    expect(readPlan(file, end - 1).stackName).toBe('roc-dev');
    expect(() => readPlan(file, end)).toThrow(expect.objectContaining({ code: 'ROC_PRECONDITION_FAILED' }));
  });

  it('of two plans the one that comes second is stale and changes nothing', async () => {
    await deployed(cloud);
    const ours = await savedPlan(smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'ours' })));
    const theirs = await savedPlan(
      smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'theirs' })),
    );
    await apply(theirs);
    await expect(apply(ours)).rejects.toMatchObject({ code: 'ROC_PRECONDITION_FAILED', exitCode: 4 });
    expect(stackOf(cloud).resources.get('Topic')?.properties).toEqual({ DisplayName: 'theirs' });
  });

  it('a stack that changed behind the plan makes it stale even where the change set still stands', async () => {
    await deployed(cloud);
    const plan = await savedPlan(smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'new' })));
    stackOf(cloud).updatedAt = new Date(Date.UTC(2027, 0));
    await expect(apply(plan)).rejects.toThrow(/changed since it was planned/);
  });

  it('a plan that was applied before says so and does nothing', async () => {
    const plan = await savedPlan();
    await apply(plan);
    const calls = cloud.aws.calls.filter((call) => call === 'cloudformation:ExecuteChangeSet').length;
    expect(await apply(plan)).toMatchObject({ how: 'already', status: 'CREATE_COMPLETE' });
    expect(cloud.aws.calls.filter((call) => call === 'cloudformation:ExecuteChangeSet')).toHaveLength(calls);
  });

  it('a plan for another account or region is refused before anything else is asked', async () => {
    const plan = await savedPlan();
    await expect(apply({ ...plan, account: '999999999999' })).rejects.toMatchObject({ code: 'ROC_REFUSED' });
    await expect(
      makePlan(testEngine(cloud), planRequest(undefined, { region: 'us-east-1' })),
    ).rejects.toThrow(/this is eu-west-1, and the stack belongs to us-east-1/);
    await expect(
      makePlan(testEngine(cloud), planRequest(undefined, { account: '999999999999' })),
    ).rejects.toMatchObject({ code: 'ROC_REFUSED', exitCode: 4 });
  });

  it('what holds data is made anew or removed only where it is named', async () => {
    await deployed(cloud);
    const template = smallTemplate((resources) => {
      withProperties(resources, 'Database', { StorageEncrypted: false });
      delete resources['Robots'];
    });
    const { Outputs, ...rest } = template;
    const plan = await savedPlan({ ...rest, Outputs: { dbPort: { Value: '3306' } } });
    await expect(apply(plan)).rejects.toMatchObject({
      code: 'ROC_REFUSED',
      hint: expect.stringContaining('--allow-replace Database --allow-replace Robots'),
    });
    await expect(apply(plan, ['Database'])).rejects.toThrow(/Robots/);
    expect(stackOf(cloud).status).toBe('CREATE_COMPLETE');
    const old = stackOf(cloud).resources.get('Database')?.physicalId;
    await apply(plan, ['Database', 'Robots']);
    expect(stackOf(cloud).resources.get('Database')?.physicalId).not.toBe(old);
    // The policy is closed again for what is left.
    expect(JSON.stringify(stackOf(cloud).policy)).toContain('LogicalResourceId/Database');
    expect(Outputs).toBeDefined();
  });

  it('what was allowed to go is protected again where the deployment does not begin', async () => {
    await deployed(cloud);
    const before = stackOf(cloud).policy;
    const plan = await savedPlan(
      smallTemplate((r) => withProperties(r, 'Database', { StorageEncrypted: false })),
    );
    cloud.faults.set('cloudformation:ExecuteChangeSet', [
      new AwsFault('ExpiredToken', 'The security token included in the request is expired', 403),
    ]);
    await expect(apply(plan, ['Database'])).rejects.toMatchObject({ code: 'ROC_CREDENTIALS_MISSING' });
    expect(stackOf(cloud).policy).toEqual(before);
    expect(JSON.stringify(before)).toContain('LogicalResourceId/Database');
  });

  it('a file that hides the loss of data does not help: AWS is asked again', async () => {
    await deployed(cloud);
    const plan = await savedPlan(
      smallTemplate((r) => withProperties(r, 'Database', { StorageEncrypted: false })),
    );
    await expect(apply({ ...plan, changes: [] })).rejects.toMatchObject({ code: 'ROC_REFUSED' });
  });

  it('explains the first cause of a failure, not what it dragged along', async () => {
    cloud.failures.set(
      'Role',
      'Resource handler returned message: "User: ana is not authorized to perform: iam:CreateRole" (RequestToken: 1, HandlerErrorCode: AccessDenied)',
    );
    const plan = await savedPlan();
    const failure = await apply(plan).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'ROC_STACK_FAILED',
      exitCode: 3,
      details: { status: 'ROLLBACK_COMPLETE', cause: { logicalId: 'Role' } },
    });
    expect((failure as Error).message).toMatch(/^Role \(AWS::IAM::Role\): User: ana is not authorized/);
    expect((failure as { hint: string }).hint).toMatch(
      /roc iam policy provision[\s\S]*roc provision recover/,
    );
  });

  it('a failed update goes back, and the stack is planned again from what it was', async () => {
    await deployed(cloud);
    cloud.failures.set('Topic', 'Invalid parameter: DisplayName');
    const template = smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'x' }));
    const plan = await savedPlan(template);
    await expect(apply(plan)).rejects.toMatchObject({ details: { status: 'UPDATE_ROLLBACK_COMPLETE' } });
    await expect(apply(plan)).rejects.toMatchObject({ code: 'ROC_PRECONDITION_FAILED' });
    cloud.failures.clear();
    await apply(await savedPlan(template));
    expect(stackOf(cloud).status).toBe('UPDATE_COMPLETE');
  });

  it.each([
    ['CreateChangeSet', 'cloudformation:CreateChangeSet'],
    ['ExecuteChangeSet', 'cloudformation:ExecuteChangeSet'],
    ['DescribeStackEvents', 'cloudformation:DescribeStackEvents'],
    ['UpdateTerminationProtection', 'cloudformation:UpdateTerminationProtection'],
  ])('an answer to %s that is lost after its effect changes nothing twice', async (_, call) => {
    cloud.faults.set(call, ['dropAnswer', 'dropAnswer']);
    await apply(await savedPlan());
    expect(stackOf(cloud).status).toBe('CREATE_COMPLETE');
    expect(cloud.stacks.size).toBe(1);
    expect(stackOf(cloud).events.filter(({ status }) => status === 'CREATE_IN_PROGRESS' && true).length).toBe(
      1 + 2 * 6,
    );
  });

  it('throttling is waited out', async () => {
    const throttled = () => new AwsFault('Throttling', 'Rate exceeded');
    for (const call of ['CreateChangeSet', 'ExecuteChangeSet', 'DescribeStackEvents'])
      cloud.faults.set(`cloudformation:${call}`, [throttled()]);
    expect(await apply(await savedPlan())).toMatchObject({ how: 'executed' });
  });

  it('credentials that end halfway leave with 75, and the same command joins again', async () => {
    cloud.stepsPerLook = 4;
    const plan = await savedPlan();
    cloud.faults.set('cloudformation:DescribeStackEvents', [
      new AwsFault('ExpiredToken', 'The security token included in the request is expired', 403),
    ]);
    await expect(apply(plan)).rejects.toMatchObject({
      code: 'ROC_RESUMABLE',
      exitCode: 75,
      hint: expect.stringMatching(/Renew the credentials/),
    });
    expect(stackOf(cloud).status).toBe('CREATE_IN_PROGRESS');
    const engine = testEngine(cloud);
    expect(await apply(plan, [], engine)).toMatchObject({ how: 'joined', status: 'CREATE_COMPLETE' });
    expect(stackOf(cloud).isProtected).toBe(true);
    // The one that joins is told the story from its beginning.
    expect(engine.events.find(({ event }) => event === 'stack')).toMatchObject({
      status: 'CREATE_IN_PROGRESS',
    });
  });

  it('leaving while it runs is 75; while it is planned nothing stays', async () => {
    cloud.stepsPerLook = 1;
    const plan = await savedPlan();
    const leaving = new AbortController();
    const engine = testEngine(cloud, { signal: leaving.signal });
    const running = applyPlan({ ...engine, onEvent: () => leaving.abort() }, { plan, allowReplace: [] });
    await expect(running).rejects.toMatchObject({ code: 'ROC_RESUMABLE' });
    cloud.stepsPerLook = 50;
    await apply(plan);

    const early = new AbortController();
    cloud.changeSetLooks = 1000;
    const planning = makePlan(
      {
        ...testEngine(cloud, { signal: early.signal }),
        wait: async () => {
          early.abort();
          await waiting(early.signal)(1);
        },
      },
      planRequest(smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'later' }))),
    );
    await expect(planning).rejects.toMatchObject({ code: 'ROC_INTERRUPTED', exitCode: 130 });
    expect([...cloud.changeSets.values()].filter(({ status }) => status === 'CREATE_IN_PROGRESS')).toEqual(
      [],
    );
  });

  it('two people apply the same plan: one begins it, both see its end', async () => {
    cloud.stepsPerLook = 3;
    const plan = await savedPlan();
    const both = await Promise.all([apply(plan), apply(plan)]);
    expect(both.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
    const begun = stackOf(cloud).events.filter(
      ({ logicalId, status }) => logicalId === 'roc-dev' && status === 'CREATE_IN_PROGRESS',
    );
    expect(begun).toHaveLength(1);
  });

  it("while another deployment runs a second plan's apply is refused, and says how to watch", async () => {
    await deployed(cloud);
    const ours = await savedPlan(smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'a' })));
    const theirs = await savedPlan(smallTemplate((r) => withProperties(r, 'Topic', { DisplayName: 'b' })));
    cloud.stepsPerLook = 0;
    const leaving = new AbortController();
    const first = applyPlan(
      { ...testEngine(cloud, { signal: leaving.signal }), onEvent: () => leaving.abort() },
      { plan: theirs, allowReplace: [] },
    );
    await expect(first).rejects.toMatchObject({ code: 'ROC_RESUMABLE' });
    await expect(apply(ours)).rejects.toMatchObject({
      code: 'ROC_CONFLICT',
      exitCode: 4,
      hint: expect.stringContaining('events --follow'),
    });
    await expect(makePlan(testEngine(cloud), planRequest())).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
  });

  it('a stack of that name that roc did not make is not touched', async () => {
    await deployed(cloud);
    stackOf(cloud).tags = {};
    await expect(makePlan(testEngine(cloud), planRequest())).rejects.toThrow(
      /exists and was not made by roc/,
    );
    stackOf(cloud).tags = { 'roc:env': 'prod' };
    await expect(makePlan(testEngine(cloud), planRequest())).rejects.toThrow(/environment prod/);
    expect(cloud.changeSets.size).toBe(1);
  });

  it('what AWS refuses to plan is told in its words, and leaves no shell', async () => {
    const broken = smallTemplate((r) => withProperties(r, 'Topic', { KmsMasterKeyId: { Ref: 'Nothing' } }));
    await expect(makePlan(testEngine(cloud), planRequest(broken))).rejects.toMatchObject({
      code: 'ROC_INVALID_INPUT',
      message: expect.stringContaining('Unresolved resource dependencies [Nothing]'),
    });
    expect([...cloud.stacks.values()].filter(({ deletedAt }) => deletedAt === undefined)).toEqual([]);
  });

  it('a template over the limit goes through a private bucket that is asked about once', async () => {
    const large = smallTemplate((resources) => {
      for (let i = 0; i < 300; i++)
        resources[`Alarm${i}`] = { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'x'.repeat(150) } };
    });
    const asked: string[] = [];
    const request = {
      ...planRequest(large),
      templateRoom: { allow: async (bucket: string) => void asked.push(bucket) },
    };
    const plan = await makePlan(testEngine(cloud), request);
    await applyPlan(testEngine(cloud), { plan: plan as SavedPlan, allowReplace: [] });
    await makePlan(testEngine(cloud), request);
    expect(asked).toEqual(['roc-templates-111122223333-eu-west-1']);
    const [bucket] = [...cloud.buckets.values()];
    expect([...(bucket?.settings.keys() ?? [])].sort()).toEqual([
      'PutBucketEncryption',
      'PutBucketLifecycleConfiguration',
      'PutBucketTagging',
      'PutBucketVersioning',
      'PutPublicAccessBlock',
    ]);
    expect(stackOf(cloud).resources.size).toBe(306);
  });

  it('nobody who may say no is overruled: a no leaves nothing behind', async () => {
    const refuse = async () => {
      throw Object.assign(new TypeError('no'), { said: 'no' });
    };
    await expect(
      deploy(testEngine(cloud), { plan: planRequest(), allowReplace: [], show: () => {}, confirm: refuse }),
    ).rejects.toMatchObject({ said: 'no' });
    expect(cloud.changeSets.size).toBe(0);
    expect(stackOf(cloud).status).toBe('DELETE_COMPLETE');
  });

  it('a plan that is thrown away twice is gone once', async () => {
    const plan = await makePlan(testEngine(cloud), planRequest());
    await discardPlan(testEngine(cloud), plan);
    await discardPlan(testEngine(cloud), plan);
    expect(cloud.changeSets.size).toBe(0);
  });
});
