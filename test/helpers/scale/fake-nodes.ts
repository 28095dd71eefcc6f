/** The servers of a fake group as the API tells of them: each learns in one beat that it rests, and lets go over time. */
import type { Node, Nodes } from '../../../src/scale/group/nodes.js';
import type { FakeFleet } from './fake-fleet.js';

export interface FakeNodes extends Nodes {
  /** By instance id, calls that a server holds while it is not told to rest. */
  readonly holds: Map<string, number>;
  readonly draining: Map<string, number>;
  /** How long one takes to let go of what it holds. */
  letsGoMs: number;
  /** Every call fails while it is set. */
  error: Error | null;
  /** Instances whose server never says where it runs. */
  readonly nameless: Set<string>;
  /** Instances whose server is not heard of. */
  readonly silent: Set<string>;
}

const BEAT = 5000;

export function fakeNodes(fleet: FakeFleet): FakeNodes {
  const fake: FakeNodes = {
    ...{ holds: new Map(), draining: new Map(), nameless: new Set(), silent: new Set() },
    ...{ letsGoMs: 20_000, error: null },
    async list() {
      if (fake.error !== null) throw fake.error;
      fleet.settle();
      return fleet.instances
        .filter(({ lifecycle }) => lifecycle === 'InService' || lifecycle === 'Standby')
        .map(({ id }) => node(id));
    },
    async drain(id) {
      if (fake.error !== null) throw fake.error;
      const before = node(instanceOf(id));
      if (!fake.draining.has(instanceOf(id))) fake.draining.set(instanceOf(id), fleet.now());
      return { ...before, state: 'draining' };
    },
    async resume(id) {
      if (fake.error !== null) throw fake.error;
      fake.draining.delete(instanceOf(id));
      return node(instanceOf(id));
    },
  };

  function node(instanceId: string): Node {
    const since = fake.draining.get(instanceId);
    const hasLetGo = since !== undefined && fleet.now() - since >= fake.letsGoMs;
    return {
      id: `node-${instanceId}`,
      instanceId: fake.nameless.has(instanceId) ? null : instanceId,
      state: fake.silent.has(instanceId) ? 'gone' : since === undefined ? 'online' : 'draining',
      held: hasLetGo ? 0 : (fake.holds.get(instanceId) ?? 3),
      lastSeenAt: new Date(Math.floor(fleet.now() / BEAT) * BEAT).toISOString(),
    };
  }
  return fake;
}

function instanceOf(nodeId: string): string {
  return nodeId.replace(/^node-/, '');
}
