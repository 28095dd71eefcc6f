/** A controller without a wire: the fake group, its servers and a lease in memory, at a demand that the test sets. */
import { silentLog } from '../../../src/kernel/log.js';
import type { AuditEntry, ResizeEntry } from '../../../src/scale/audit.js';
import type { ControllerParts } from '../../../src/scale/controller-parts.js';
import type { Fleet } from '../../../src/scale/group/fleet.js';
import { createLease, type LeaseObject } from '../../../src/scale/lease/lease.js';
import type { LeaseRecord } from '../../../src/scale/lease/record.js';
import type { MetricSeries } from '../../../src/scale/metrics/series.js';
import { type TestClock, testClock } from './clock.js';
import { testPolicy } from './controller.js';
import { type FakeFleet, type FakeFleetOptions, fakeFleet } from './fake-fleet.js';
import { type FakeNodes, fakeNodes } from './fake-nodes.js';
import { memoryFleet } from './memory-fleet.js';

const MINUTE = 60_000;

/** Waits at a door; the one of a test decides in which order they open. */
export type Pause = () => Promise<void>;

export interface MemoryWorld {
  readonly clock: TestClock;
  readonly fake: FakeFleet;
  readonly nodes: FakeNodes;
  /** Requests a minute, of all minutes up to now. */
  demand: number;
  readonly object: (pause?: Pause) => LeaseObject;
  /** What the lease holds; null before the first. */
  readonly lease: () => LeaseRecord | null;
  readonly audit: (AuditEntry | ResizeEntry)[];
}

export function memoryWorld(options: Partial<FakeFleetOptions> = {}): MemoryWorld {
  const clock = testClock();
  const fake = fakeFleet({ now: clock.now, desired: 4, min: 2, max: 6, ...options });
  const { object, content } = sharedObject(clock.now);
  return {
    ...{ clock, fake, nodes: fakeNodes(fake), demand: 1000, object, audit: [] },
    lease: () => JSON.parse(content() ?? 'null') as LeaseRecord | null,
  };
}

export interface MemoryControllerOptions {
  readonly id?: string;
  readonly policy?: object;
  readonly fleet?: Fleet;
  readonly pause?: Pause;
  /** Another object of the lease over the true one: to let it fail. */
  readonly object?: (object: LeaseObject) => LeaseObject;
}

export function memoryController(
  world: MemoryWorld,
  { id = 'one', policy: changes, fleet, pause, object = (own) => own }: MemoryControllerOptions = {},
): ControllerParts {
  const { fake, nodes, clock, audit } = world;
  const { now } = clock;
  const policy = testPolicy({ learn: { mode: 'off' }, ...changes });
  const series = (name: string, value: number, at: number): [string, MetricSeries] => {
    const last = Math.floor(at / MINUTE) * MINUTE - MINUTE;
    const points = Array.from({ length: 240 }, (_, i) => ({ at: last - (239 - i) * MINUTE, value }));
    return [name, { id: name, periodMs: MINUTE, points, status: 'complete', messages: [] }];
  };
  return {
    ...{ policy, now, nodes, log: silentLog, self: null },
    loaded: { policy, file: 'scale.yaml', sha256: '' },
    place: { kind: 'group', name: fake.name, region: 'eu-west-1' },
    fleet: fleet ?? memoryFleet(fake),
    metering: {
      read: async (_, at) =>
        new Map([series('requests', world.demand, at), series('healthy', 4, at), series('unhealthy', 0, at)]),
      credits: async () => ({ balances: new Map(), unread: null }),
      requested: () => 0,
    },
    slowFacts: async () => ({ launches: new Map(), burst: null, dbMaxConnections: null, unread: [] }),
    lease: createLease({
      ...{ object: object(world.object(pause)), id, ttlMs: 3 * policy.timing.poll },
      ...{ now, elapsed: now },
    }),
    audit: { append: async (entry) => void audit.push(entry) },
  };
}

function sharedObject(now: () => number) {
  let [content, version, modifiedAt] = [null as string | null, 0, 0];
  const object = (pause: Pause = async () => {}): LeaseObject => {
    const put = async (text: string, fits: () => boolean) => {
      await pause();
      if (!fits()) return null;
      [content, version, modifiedAt] = [text, version + 1, now()];
      const made = { version: `${version}` };
      await pause();
      return made;
    };
    return {
      read: async () => {
        await pause();
        return { content, version: content === null ? null : `${version}`, modifiedAt, serverNow: now() };
      },
      create: (text) => put(text, () => content === null),
      replace: (text, named) => put(text, () => named === `${version}`),
    };
  };
  return { object, content: () => content };
}
