import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/scale/audit.js';
import type { ControllerParts } from '../../../src/scale/controller-parts.js';
import { type Report, tick } from '../../../src/scale/tick.js';
import { describeWith } from '../../helpers/parts.js';
import { type TestClock, testClock } from '../../helpers/scale/clock.js';
import { type TestControllerOptions, testController } from '../../helpers/scale/controller.js';
import { type FakeNodes, fakeNodes } from '../../helpers/scale/fake-nodes.js';
import { type FakeWorld, startFakeWorld } from '../../helpers/scale/fake-world.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const MINUTE = 60_000;
const FULL = { isFull: true, doubt: null };

describeWith('botocore', 'a look at a group (strict fake of AWS)', () => {
  let clock: TestClock;
  let world: FakeWorld;
  let nodes: FakeNodes;
  let dir: string;

  beforeEach(async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'testing';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
    clock = testClock();
    world = await startFakeWorld({ now: clock.now, desired: 4, min: 2, max: 6 });
    nodes = fakeNodes(world.fleet);
    dir = makeTempDir('scale');
  });
  afterEach(async () => {
    await world.close();
    removeDir(dir);
    expect(world.problems()).toEqual([]);
  });

  const controller = (options: Partial<TestControllerOptions> = {}) =>
    testController({ world, now: clock.now, dir, nodes, ...options });
  const audit = (): AuditEntry[] =>
    readFileSync(join(dir, 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);

  /** Looks as `watch` does, each poll and oftener while it is busy, for so long; quiet demand goes on. */
  async function run(parts: ControllerParts, forMs: number, requests = 1000): Promise<Report[]> {
    const reports: Report[] = [];
    const end = clock.now() + forMs;
    let fullAt = clock.now();
    while (clock.now() < end) {
      const isFull = clock.now() >= fullAt;
      if (isFull) fullAt = clock.now() + MINUTE;
      reports.push(await tick(parts, { isFull, doubt: null }));
      const before = clock.now();
      clock.advance(reports.at(-1)?.isBusy ? 10_000 : Math.max(1000, fullAt - before));
      world.fleet.settle();
      if (Math.floor(before / MINUTE) < Math.floor(clock.now() / MINUTE))
        world.demand(clock.now() - MINUTE, clock.now(), requests);
    }
    return reports;
  }
  const quiet = () => world.demand(clock.now() - 90 * MINUTE, clock.now(), 1000);
  const dids = (reports: readonly Report[]) =>
    reports.map(({ did }) => did).filter((did) => did !== 'nothing');

  test('adds instances at once when demand asks for them', async () => {
    world.demand(clock.now() - 90 * MINUTE, clock.now(), 3400);
    const report = await tick(controller(), FULL);
    expect(report).toMatchObject({ role: 'holder', did: 'set', current: 4, desired: 6 });
    expect(world.fleet.desired).toBe(6);
    expect(audit().map(({ outcome, before, after }) => [outcome, before, after])).toEqual([
      ['begins', 4, 6],
      ['done', 4, 6],
    ]);
  });

  test('takes one away: its server rests, it leaves the balancer, it ends, and the record tells all of it', async () => {
    quiet();
    const reports = await run(controller(), 2 * MINUTE);
    expect(dids(reports).slice(0, 1)).toEqual(['going']);
    expect(dids(reports).at(-1)).toBe('done');
    expect(world.fleet.desired).toBe(3);
    const [begins, done, ...more] = audit();
    expect(more).toEqual([]);
    expect(begins).toMatchObject({ action: 'scale-in', outcome: 'begins', before: 4, after: 3 });
    expect(begins?.reasons.join()).toContain('has the most');
    expect(done).toMatchObject({
      outcome: 'done',
      instanceId: begins?.instanceId,
      lease: { holder: 'one', fence: 1 },
      policyHash: 'ab'.repeat(32),
      requests: [
        { call: 'elasticloadbalancing:DeregisterTargets', requestId: 'roc-test' },
        { call: 'autoscaling:TerminateInstanceInAutoScalingGroup', requestId: 'roc-test' },
      ],
    });
    expect(done?.inputsHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('comes down to what is needed, one after the other, and never below one in a zone', async () => {
    quiet();
    const zones = new Set<number>();
    const parts = controller();
    for (let round = 0; round < 12; round++) {
      await run(parts, 10 * MINUTE);
      for (const zone of world.fleet.zones)
        zones.add(world.fleet.inService().filter((one) => one.zone === zone).length);
    }
    expect(world.fleet.desired).toBe(2);
    expect(Math.min(...zones)).toBe(1);
  });

  test('puts it back when demand rises meanwhile', async () => {
    quiet();
    nodes.letsGoMs = 4 * MINUTE;
    const parts = controller();
    await run(parts, MINUTE);
    expect(nodes.draining.size).toBe(1);
    const reports = await run(parts, 4 * MINUTE, 3400);
    expect(reports.some(({ says }) => says.includes('stays: '))).toBe(true);
    expect(nodes.draining.size).toBe(0);
    expect(world.fleet.desired).toBeGreaterThanOrEqual(4);
    expect(audit().find(({ outcome }) => outcome === 'undone')?.error).toContain('are needed');
  });

  test('rests after a scale-in that was undone', async () => {
    quiet();
    nodes.letsGoMs = 60 * MINUTE;
    const reports = await run(controller(), 12 * MINUTE);
    expect(dids(reports).filter((did) => did === 'undone')).toHaveLength(1);
    expect(reports.some(({ says }) => says.includes('the last scale-in was undone'))).toBe(true);
    expect(world.fleet.desired).toBe(4);
  });

  test.each<[string, () => void, RegExp]>([
    [
      'metrics cannot be read',
      () => void world.cloudWatch.statusOf.set('RequestCount', 'InternalError'),
      /./,
    ],
    ['metrics are partial', () => void world.cloudWatch.statusOf.set('RequestCount', 'PartialData'), /./],
    [
      'the group cannot be read',
      () => fault('autoscaling:DescribeAutoScalingGroups', 'AccessDenied'),
      /ROC_FORBIDDEN/,
    ],
    ['policies cannot be read', () => fault('autoscaling:DescribePolicies', 'AccessDenied'), /ROC_FORBIDDEN/],
    [
      'S3 is away',
      () => Object.assign(world.bucket, { down: { status: 403, code: 'AccessDenied' } }),
      /ROC_FORBIDDEN/,
    ],
    [
      'the nodes cannot be asked',
      () => Object.assign(nodes, { error: new TypeError('nobody answers') }),
      /nobody answers/,
    ],
    [
      'no server says where it runs',
      () => {
        for (const { id } of world.fleet.instances) nodes.nameless.add(id);
      },
      /server.instanceId/,
    ],
    [
      'the switch is off',
      () => Object.assign(world.fleet, { tags: { 'roc:scale': 'off' } }),
      /roc:scale=off|./,
    ],
    [
      'a refresh runs',
      () => world.faults.refreshes.push({ InstanceRefreshId: 'r-1', Status: 'InProgress' }),
      /./,
    ],
    [
      'target tracking scales in too',
      () => world.faults.policies.push(tracking({ DisableScaleIn: false })),
      /takes instances away by itself/,
    ],
    [
      'the group has Terminate suspended',
      () => world.fleet.suspended.push('Terminate'),
      /Terminate suspended/,
    ],
  ])('keeps capacity and says so where %s', async (_, happens, says) => {
    quiet();
    happens();
    // One fault for each look: nothing of it is left at the end.
    const reports = await run(controller({ policy: { scaleIn: { window: '15m' } } }), 3 * MINUTE);
    expect(world.fleet.desired).toBe(4);
    expect(world.fleet.inService()).toHaveLength(4);
    expect(nodes.draining.size).toBe(0);
    const told = reports.map((one) => [one.says, ...one.rails.map(({ why }) => why)].join(' ')).join('\n');
    expect(told).toMatch(says);
  });

  test('keeps capacity after the clock jumped', async () => {
    quiet();
    const report = await tick(controller(), { isFull: true, doubt: 'the clock jumped by 3600 s' });
    expect(report).toMatchObject({ did: 'kept', says: 'capacity is kept: the clock jumped by 3600 s' });
    expect(nodes.draining.size).toBe(0);
  });

  test('keeps what somebody else set between the decision and the change', async () => {
    world.demand(clock.now() - 90 * MINUTE, clock.now(), 3400);
    const parts = controller();
    let looks = 0;
    const group = async () => {
      if (++looks === 2) world.fleet.setDesired(5);
      return parts.fleet.group();
    };
    const report = await tick({ ...parts, fleet: { ...parts.fleet, group } }, FULL);
    expect(report).toMatchObject({ did: 'kept', says: expect.stringContaining('stale plan: somebody set') });
    expect(world.fleet.desired).toBe(5);
  });

  test('takes nothing away where the record cannot be written, and adds all the same', async () => {
    quiet();
    const broken = { append: () => Promise.reject(new TypeError('disk full')) };
    const parts = { ...controller(), audit: broken };
    expect(await tick(parts, FULL)).toMatchObject({
      did: 'kept',
      says: expect.stringContaining('record of actions'),
    });
    expect(nodes.draining.size).toBe(0);
    clock.advance(2 * MINUTE);
    world.demand(clock.now() - 3 * MINUTE, clock.now(), 3900);
    await run(parts, 3 * MINUTE, 3900);
    expect(world.fleet.desired).toBeGreaterThan(4);
  });

  test('gives the lease to another where only the instance it runs on could go', async () => {
    quiet();
    for (const one of world.fleet.instances) one.isProtected = one.id !== world.fleet.instances[0]?.id;
    const self = world.fleet.instances[0]?.id ?? '';
    const [one, two] = [controller({ id: 'one', self }), controller({ id: 'two' })];
    expect(await tick(one, FULL)).toMatchObject({ did: 'kept', says: expect.stringContaining('only') });
    clock.advance(MINUTE);
    world.demand(clock.now() - MINUTE, clock.now(), 1000);
    expect(await tick(two, FULL)).toMatchObject({ role: 'holder', did: 'going' });
    expect([...nodes.draining.keys()]).toEqual([self]);
  });

  test('a standby reads the lease and nothing else', async () => {
    quiet();
    await tick(controller({ id: 'one' }), FULL);
    const before = world.aws.calls.length;
    expect(await tick(controller({ id: 'two' }), FULL)).toMatchObject({ role: 'standby', did: 'nothing' });
    expect(world.aws.calls).toHaveLength(before);
  });

  test('a controller that dies is followed by another, which ends what it began', async () => {
    quiet();
    const [one, two] = [controller({ id: 'one' }), controller({ id: 'two' })];
    expect(await tick(one, FULL)).toMatchObject({ did: 'going' });
    const reports = await run(two, 6 * MINUTE);
    expect(reports[0]).toMatchObject({ role: 'standby' });
    expect(dids(reports)).toContain('done');
    expect(reports.find(({ role }) => role === 'holder')).toMatchObject({ fence: 2 });
    expect(world.fleet.desired).toBe(3);
  });

  test('a service of ECS gets its number by the same decision', async () => {
    world.service.desired = 4;
    world.service.running = 4;
    quiet();
    const parts = controller({ isService: true, nodes: null });
    expect(await tick(parts, FULL)).toMatchObject({ did: 'set', current: 4, desired: 3 });
    expect(world.service.desired).toBe(3);
    clock.advance(2 * MINUTE);
    world.demand(clock.now() - 3 * MINUTE, clock.now(), 3900);
    await run(parts, 4 * MINUTE, 3900);
    expect(world.service.desired).toBe(6);
    expect(world.aws.calls).not.toContain('elbv2:DeregisterTargets');
  });

  function fault(call: string, code: string): void {
    world.faults.next.set(
      call,
      Array.from({ length: 100 }, () => code),
    );
  }
});

function tracking(more: object) {
  return {
    ...{
      AutoScalingGroupName: 'roc-app',
      PolicyName: 'theirs',
      PolicyType: 'TargetTrackingScaling',
      Enabled: true,
    },
    TargetTrackingConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
      TargetValue: 50,
      ...more,
    },
  };
}
