import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/scale/audit.js';
import { tick } from '../../../src/scale/tick.js';
import { describeWith } from '../../helpers/parts.js';
import { type TestClock, testClock } from '../../helpers/scale/clock.js';
import { type TestControllerOptions, testController } from '../../helpers/scale/controller.js';
import { type FakeNodes, fakeNodes } from '../../helpers/scale/fake-nodes.js';
import { type FakeWorld, startFakeWorld } from '../../helpers/scale/fake-world.js';
import { makeTempDir } from '../../helpers/temp-dir.js';

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
    expect(world.problems()).toEqual([]);
  });

  const controller = (options: Partial<TestControllerOptions> = {}) =>
    testController({ world, now: clock.now, dir, nodes, ...options });
  const audit = (): AuditEntry[] =>
    readFileSync(join(dir, 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);

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
});
