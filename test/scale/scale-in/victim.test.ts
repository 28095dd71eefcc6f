import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Group, GroupInstance } from '../../../src/scale/group/facts.js';
import type { Node } from '../../../src/scale/group/nodes.js';
import { chooseVictim, type VictimInput } from '../../../src/scale/scale-in/victim.js';

function instance(id: string, zone: string, more: Partial<GroupInstance> = {}): GroupInstance {
  return {
    ...{ id, zone, lifecycle: 'InService', isHealthy: true, isProtected: false },
    ...{ templateVersion: 3, type: 't3.small', ...more },
  };
}

function node(instanceId: string, held = 0, state: Node['state'] = 'online'): Node {
  return { id: `n-${instanceId}`, instanceId, state, held, lastSeenAt: '' };
}

function input(instances: readonly GroupInstance[], more: Partial<VictimInput> = {}): VictimInput {
  const group = { instances, desired: instances.length } as unknown as Group;
  const nodes = instances.map(({ id }) => node(id));
  return { group, nodes, credits: new Map(), self: null, perAz: 1, ...more };
}

const FOUR = ['i-1', 'i-2', 'i-3', 'i-4'].map((id, i) => instance(id, i < 3 ? 'a' : 'b'));

describe('whom a scale-in takes', () => {
  test('one of the zone with the most, also where another has fewer credits elsewhere', () => {
    const credits = new Map([
      ['i-4', 0],
      ['i-2', 50],
      ['i-1', 90],
      ['i-3', 90],
    ]);
    expect(chooseVictim(input(FOUR, { credits })).instance?.id).toBe('i-2');
  });

  test('the one with the lowest credit balance, then the fewest held calls, then the oldest template', () => {
    const nodes = [node('i-1', 5), node('i-2', 1), node('i-3', 1), node('i-4')];
    expect(chooseVictim(input(FOUR, { nodes })).instance?.id).toBe('i-2');
    const old = FOUR.map((one) => (one.id === 'i-3' ? { ...one, templateVersion: 2 } : one));
    expect(chooseVictim(input(old, { nodes })).instance?.id).toBe('i-3');
  });

  test('nobody where each zone has as few as shall stay', () => {
    const two = [instance('i-1', 'a'), instance('i-2', 'b')];
    expect(chooseVictim(input(two))).toMatchObject({ instance: null, isSelf: false });
  });

  test('none that two servers claim to run on: one of them would not be asked to rest', () => {
    const nodes = [...FOUR.map(({ id }) => node(id)), { ...node('i-2', 7), id: 'n-other' }];
    expect(chooseVictim(input(FOUR, { nodes })).instance?.id).not.toBe('i-2');
    const both = FOUR.flatMap(({ id }) => [node(id), { ...node(id), id: `m-${id}` }]);
    expect(chooseVictim(input(FOUR, { nodes: both }))).toMatchObject({
      instance: null,
      why: expect.stringContaining('not one server alone is known'),
    });
    // The one before a restart is gone.
    const restarted = FOUR.flatMap(({ id }) => [node(id, 0, 'gone'), { ...node(id), id: `m-${id}` }]);
    expect(chooseVictim(input(FOUR, { nodes: restarted })).instance).not.toBeNull();
  });

  test('no protected one, none that is starting or ending', () => {
    const some = [
      instance('i-1', 'a', { isProtected: true }),
      instance('i-2', 'a', { lifecycle: 'Pending' }),
      instance('i-3', 'a', { lifecycle: 'Terminating:Wait' }),
      instance('i-4', 'a'),
      instance('i-5', 'b'),
    ];
    expect(chooseVictim(input(some)).instance?.id).toBe('i-4');
    expect(chooseVictim(input(some.filter(({ id }) => id !== 'i-4')))).toMatchObject({ instance: null });
  });

  test('none whose server is not known, unless servers are not asked', () => {
    const nodes = [node('i-1', 0, 'gone'), { ...node('i-2'), instanceId: null }, node('i-3'), node('i-4')];
    expect(chooseVictim(input(FOUR, { nodes })).instance?.id).toBe('i-3');
    expect(chooseVictim(input(FOUR, { nodes: [] }))).toMatchObject({
      instance: null,
      why: expect.stringContaining('set server.instanceId'),
    });
    expect(chooseVictim(input(FOUR, { nodes: null })).instance?.id).toBe('i-1');
  });

  test('none that somebody has told to rest, however little it holds', () => {
    const resting = (id: string) => node(id, 0, 'draining');
    // The third started anew: what ran there before is at rest still.
    const nodes = [resting('i-1'), node('i-2', 9), resting('i-3'), node('i-3'), node('i-4')];
    expect(chooseVictim(input(FOUR, { nodes })).instance?.id).toBe('i-2');
    const all = [...['i-1', 'i-2', 'i-3'].map(resting), node('i-4')];
    expect(chooseVictim(input(FOUR, { nodes: all }))).toMatchObject({
      instance: null,
      why: expect.stringMatching(/on i-1, i-2, i-3 is at rest already: `roc nodes resume NODE`/),
    });
  });

  test('one whose former server is gone, where another runs there now', () => {
    const nodes = [node('i-1', 0, 'gone'), node('i-1'), node('i-2', 1), node('i-3', 1), node('i-4')];
    expect(chooseVictim(input(FOUR, { nodes })).instance?.id).toBe('i-1');
  });

  test('not the one the controller runs on; where only that could go, it says so', () => {
    expect(chooseVictim(input(FOUR, { self: 'i-1' })).instance?.id).toBe('i-2');
    const one = [instance('i-1', 'a'), instance('i-2', 'a', { isProtected: true }), instance('i-3', 'b')];
    expect(chooseVictim(input(one, { self: 'i-1' }))).toMatchObject({ instance: null, isSelf: true });
  });

  test('whoever goes: the zone keeps its least, and no zone had more', () => {
    const one = fc.record({
      zone: fc.constantFrom('a', 'b', 'c'),
      lifecycle: fc.constantFrom('InService', 'InService', 'Pending', 'Terminating'),
      isProtected: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.integer({ min: 0, max: 3 }), (list, perAz) => {
        const instances = list.map((more, i) => instance(`i-${i}`, more.zone, more));
        const { instance: victim } = chooseVictim(input(instances, { perAz, self: 'i-0' }));
        if (victim === null) return;
        const size = (zone: string) =>
          instances.filter((each) => each.zone === zone && /Pending|InService/.test(each.lifecycle)).length;
        expect(size(victim.zone)).toBeGreaterThan(perAz);
        for (const zone of ['a', 'b', 'c']) expect(size(zone)).toBeLessThanOrEqual(size(victim.zone));
        expect(victim).toMatchObject({ isProtected: false, lifecycle: 'InService' });
        expect(victim.id).not.toBe('i-0');
      }),
    );
  });
});
