/** A controller of the real room against the fake world: only its clock and its server's nodes are the test's. */
import { join } from 'node:path';
import { silentLog } from '../../../src/kernel/log.js';
import { createAudit } from '../../../src/scale/audit.js';
import { awsAccess } from '../../../src/scale/aws/access.js';
import { groupFleet, serviceFleet } from '../../../src/scale/aws/fleet.js';
import { describeCreditMode, describeLaunches } from '../../../src/scale/aws/instances.js';
import { createLeaseObject } from '../../../src/scale/aws/lease-object.js';
import { readMetrics } from '../../../src/scale/aws/metrics.js';
import type { ControllerParts } from '../../../src/scale/controller-parts.js';
import type { Nodes } from '../../../src/scale/group/nodes.js';
import { createSlowFacts } from '../../../src/scale/group/slow-facts.js';
import { createLease } from '../../../src/scale/lease/lease.js';
import { createMetering } from '../../../src/scale/metrics/metering.js';
import { balancerNames } from '../../../src/scale/metrics/names.js';
import { readingPlan } from '../../../src/scale/metrics/watched.js';
import { scalePolicySchema } from '../../../src/scale/model.js';
import type { ScalePolicy } from '../../../src/scale/policy/policy.js';
import { API_TARGETS } from './fake-fleet.js';
import { BALANCER_ARN, type FakeWorld } from './fake-world.js';

export interface TestControllerOptions {
  readonly world: FakeWorld;
  readonly now: () => number;
  readonly dir: string;
  readonly id?: string;
  readonly nodes?: Nodes | null;
  readonly self?: string | null;
  readonly policy?: object;
  readonly isService?: boolean;
}

/** 1,000 requests a minute fill an instance. */
export function testPolicy(changes: object = {}): ScalePolicy {
  return scalePolicySchema.parse({
    version: 1,
    signal: { capacityPerInstance: 1000 },
    ...changes,
  });
}

export function testController(options: TestControllerOptions): ControllerParts {
  const { world, now, nodes = null } = options;
  const access = awsAccess({ region: 'eu-west-1', endpointUrl: world.url });
  const policy = testPolicy(options.policy);
  const name = world.fleet.name;
  const { cluster, service } = world.service;
  const watched = {
    balancer: balancerNames(BALANCER_ARN, API_TARGETS),
    asgName: options.isService ? null : name,
    ecs: options.isService ? { cluster, service } : null,
    dbInstance: null,
  };
  return {
    ...{ policy, now, nodes, log: silentLog, self: options.self ?? null },
    loaded: { policy, file: 'scale.yaml', sha256: 'ab'.repeat(32) },
    place: options.isService
      ? { kind: 'service', name: `service/${cluster}/${service}`, region: 'eu-west-1' }
      : { kind: 'group', name, region: 'eu-west-1' },
    fleet: options.isService ? serviceFleet(access, { cluster, service }) : groupFleet(access, name),
    metering: createMetering({
      read: (queries, window) => readMetrics(access, queries, window),
      watched,
      plan: readingPlan(policy.timing.poll),
    }),
    slowFacts: createSlowFacts({
      launches: (ids) => describeLaunches(access, ids),
      creditMode: (id) => describeCreditMode(access, id),
      database: null,
      now,
    }),
    lease: createLease({
      object: createLeaseObject(access, { bucket: world.bucket.name, key: `roc-scale/${name}.json` }),
      id: options.id ?? 'one',
      ttlMs: 3 * policy.timing.poll,
      now,
      elapsed: now,
    }),
    audit: createAudit(join(options.dir, 'audit.jsonl')),
  };
}
