import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../helpers/parts.js';
import { runRoc, startRoc } from '../../helpers/roc.js';
import { API_TARGETS } from '../../helpers/scale/fake-fleet.js';
import { type FakeNodes, fakeNodes } from '../../helpers/scale/fake-nodes.js';
import { BALANCER_ARN, type FakeWorld, startFakeWorld } from '../../helpers/scale/fake-world.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { until } from '../../helpers/until.js';

const MINUTE = 60_000;

describeWith('botocore', 'roc scale (built, against the strict fake of AWS)', () => {
  let world: FakeWorld;
  let server: Server;
  let nodes: FakeNodes;
  /** The key has lost its right. */
  let isRefusing: boolean;
  let cwd: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    world = await startFakeWorld({ now: Date.now, desired: 4, min: 2, max: 6, bootMs: 1000 });
    nodes = fakeNodes(world.fleet);
    nodes.letsGoMs = 0;
    isRefusing = false;
    server = createServer(async (request, response) => {
      if (isRefusing) return response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
      const [, id = '', verb] = /^\/api\/v1\/nodes(?:\/([^/?]+)\/(\w+))?/.exec(request.url ?? '') ?? [];
      const wire = (node: Awaited<ReturnType<typeof nodes.drain>>) => ({
        ...{ id: node.id, instanceId: node.instanceId, version: '0.1.0', state: node.state },
        load: { held: node.held, busy: 0, rssBytes: 1 },
        ...{ startedAt: node.lastSeenAt, lastSeenAt: new Date().toISOString() },
      });
      const body =
        verb === 'drain'
          ? wire(await nodes.drain(id))
          : verb === 'resume'
            ? wire(await nodes.resume(id))
            : { items: (await nodes.list()).map(wire), nextCursor: null };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cwd = makeTempDir('scale');
    const policy = { version: 1, signal: { capacityPerInstance: 1000 }, timing: { poll: '10s' } };
    writeFileSync(join(cwd, 'scale.yaml'), JSON.stringify(policy));
    writeFileSync(
      join(cwd, 'roc.yaml'),
      JSON.stringify({ scale: { policy: 'scale.yaml', bucket: world.bucket.name } }),
    );
    env = {
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: world.url,
      ROC_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ROC_TOKEN: 'roc_test',
    };
    writeOutputs();
  });
  afterEach(async () => {
    await world.close();
    server.closeAllConnections();
    server.close();
    removeDir(cwd);
    expect(world.problems()).toEqual([]);
  });

  function writeOutputs(): void {
    const outputs = { asgName: 'roc-app', apiTargetGroupArn: API_TARGETS, albArn: BALANCER_ARN };
    const folder = join(cwd, '.roc');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'stack-outputs.json'), JSON.stringify(outputs));
  }
  const demand = (requests: number) => world.demand(Date.now() - 90 * MINUTE, Date.now(), requests);

  test('plan says what would be done, apply with its id does it, and a second time it is stale', async () => {
    demand(3400);
    const plan = await runRoc(['scale', 'plan', '--json'], { cwd, env });
    expect(plan.stderr).toBe('');
    const shown = plan.json<Record<string, unknown>>();
    expect(shown).toMatchObject({ current: 4, desired: 6, action: 'out', group: 'roc-app', advice: [] });
    expect(shown['rails']).toContainEqual(expect.objectContaining({ id: 'bounds', applied: false }));
    expect(shown['data']).toContainEqual(expect.objectContaining({ metric: 'demand', verdict: 'fresh' }));
    const id = String(shown['plan']);
    const applied = await runRoc(['scale', 'apply', '--plan', id, '--json'], { cwd, env });
    expect(applied.json()).toMatchObject({ before: 4, after: 6, outcome: 'done' });
    expect(world.fleet.desired).toBe(6);
    const again = await runRoc(['scale', 'apply', '--plan', id, '--json'], { cwd, env });
    expect(again.exitCode).toBe(4);
    expect(again.json()).toMatchObject({ error: { code: 'ROC_PRECONDITION_FAILED' } });
    const lines = readFileSync(join(cwd, '.roc/scale/audit.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
  });

  test('apply asks, and without an answer changes nothing', async () => {
    demand(3400);
    const asked = await runRoc(['scale', 'apply'], { cwd, env });
    expect(asked.exitCode).toBe(4);
    expect(asked.stderr).toContain('Set roc-app from 4 to 6 instances?');
    expect(world.fleet.desired).toBe(4);
  });

  test('plan refuses to fight, with the command that ends it; --native is then installed', async () => {
    demand(1000);
    world.faults.scheduled = [
      { AutoScalingGroupName: 'roc-app', ScheduledActionName: 'night', Recurrence: '0 22 * * *', MinSize: 1 },
    ];
    const refused = await runRoc(['scale', 'plan', '--json'], { cwd, env });
    expect(refused.exitCode).toBe(4);
    expect(refused.json()).toMatchObject({
      error: { code: 'ROC_REFUSED', hint: expect.stringContaining('delete-scheduled-action') },
    });
    world.faults.scheduled = [];
    const native = await runRoc(['scale', 'apply', '--native', '--yes', '--json'], { cwd, env });
    expect(native.json()).toMatchObject({ installed: ['floor', 'warmup', 'metrics'] });
    expect(world.faults.policies).toMatchObject([
      { PolicyName: 'roc-floor', TargetTrackingConfiguration: { TargetValue: 80, DisableScaleIn: true } },
    ]);
    const plan = await runRoc(['scale', 'plan', '--json'], { cwd, env });
    expect(plan.json()).toMatchObject({ native: [] });
  });

  test('apply drains and ends one instance', async () => {
    demand(1000);
    const applied = await runRoc(['scale', 'apply', '--yes', '--json'], { cwd, env, timeoutMs: 60_000 });
    expect(applied.json()).toMatchObject({ before: 4, after: 3, outcome: 'done' });
    expect(world.fleet.desired).toBe(3);
    expect(world.fleet.instances.filter(({ lifecycle }) => lifecycle === 'Terminating:Wait')).toHaveLength(1);
  });

  test('apply puts all back, says so and ends with 3 where it is switched off while a server drains', async () => {
    demand(1000);
    nodes.letsGoMs = 600_000;
    const applying = startRoc(['scale', 'apply', '--yes', '--json'], { cwd, env });
    await until('a server was told to rest', () => nodes.draining.size === 1, { timeoutMs: 30_000 });
    world.fleet.tags['roc:scale'] = 'off';
    expect(await applying.ended).toMatchObject({ exitCode: 3 });
    expect(JSON.parse(applying.stdout())).toMatchObject({
      ...{ before: 4, after: 4, outcome: 'undone', says: expect.stringContaining('roc:scale=off was set') },
    });
    expect(nodes.draining.size).toBe(0);
    expect(world.fleet.inService()).toHaveLength(4);
  });

  test('apply that cannot tell a server to work again ends with 75, and the next one puts it back', async () => {
    demand(1000);
    nodes.letsGoMs = 600_000;
    const applying = startRoc(['scale', 'apply', '--yes', '--json'], { cwd, env });
    await until('a server was told to rest', () => nodes.draining.size === 1, { timeoutMs: 30_000 });
    isRefusing = true;
    expect(await applying.ended).toMatchObject({ exitCode: 75 });
    expect(JSON.parse(applying.stdout())).toMatchObject({
      error: {
        code: 'ROC_RESUMABLE',
        message: expect.stringContaining('is half done'),
        hint: expect.stringContaining('roc nodes'),
      },
    });
    isRefusing = false;
    world.fleet.tags['roc:scale'] = 'off';
    const next = await runRoc(['scale', 'apply', '--yes', '--json'], { cwd, env, timeoutMs: 60_000 });
    expect(next.json()).toMatchObject({ outcome: 'unchanged', after: 4 });
    expect(nodes.draining.size).toBe(0);
  });

  test('plan warns of a side fact that it may not read, and decides without', async () => {
    demand(3400);
    world.faults.next.set('autoscaling:DescribeScalingActivities', ['AccessDenied']);
    const plan = await runRoc(['scale', 'plan', '--json'], { cwd, env });
    expect(plan.json()).toMatchObject({ current: 4, desired: 6 });
    expect(plan.stderr).toMatch(/^warning: launches of the group cannot be read: how long a boot takes/);
    expect(plan.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('of two that watch one acts; ended by SIGTERM it frees the lease and ends with 0', async () => {
    demand(3400);
    const watching = () => startRoc(['scale', 'watch', '--json'], { cwd, env });
    const events = (program: ReturnType<typeof startRoc>) =>
      program
        .stdout()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const one = watching();
    await until('the first has acted', () => events(one).some(({ did }) => did === 'set'), {
      timeoutMs: 30_000,
    });
    expect(events(one)[0]).toMatchObject({ event: 'start', cost: { metricsPerRead: 4 } });
    expect(world.fleet.desired).toBe(6);
    const two = watching();
    await until('the second stands by', () => events(two).some(({ role }) => role === 'standby'), {
      timeoutMs: 30_000,
    });
    one.child.kill('SIGTERM');
    expect(await one.ended).toMatchObject({ exitCode: 0 });
    expect(events(one).at(-1)).toMatchObject({ event: 'end', says: 'ended; the lease is free' });
    await until('the second has it', () => events(two).some(({ role }) => role === 'holder'), {
      timeoutMs: 40_000,
    });
    two.child.kill('SIGTERM');
    expect(await two.ended).toMatchObject({ exitCode: 0 });
    const [lease] = [...world.bucket.objects.values()];
    expect(JSON.parse(lease?.content ?? '')).toMatchObject({ holder: null, fence: 2 });
  });

  test('watch wants a bucket for its lease', async () => {
    writeFileSync(join(cwd, 'roc.yaml'), JSON.stringify({ scale: { policy: 'scale.yaml' } }));
    const refused = await runRoc(['scale', 'watch', '--json'], { cwd, env });
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toContain('ROC_USAGE');
  });
});
