/**
 * The production topologies as the model sees them. Nothing was measured on AWS: sizes and credits are what AWS
 * publishes of these types, speeds and latencies are assumptions.
 */
import type { Topology } from './costs.js';

export interface Assumed {
  readonly name: string;
  readonly topology: Topology;
}

/** Assumption: a vCPU (half a core) works as fast as a core of the machine on which the costs were measured. */
const SPEED = 1;
/** Assumption: a commit is safe in both zones after this. */
const MULTI_AZ_SYNC_MS = 4;
/** Assumption: Aurora has four of six copies after this. */
const AURORA_SYNC_MS = 3;
/** Assumption: between a node and a database in another zone, there and back. */
const ROUND_TRIP_MS = 0.6;

function topology(
  nodes: number,
  vcpus: number,
  databaseVcpus: number,
  syncMs: number,
  connections = 10,
): Topology {
  return {
    ...{ nodes, node: { cores: vcpus, speed: SPEED }, database: { cores: databaseVcpus, speed: SPEED } },
    ...{ isShared: false, syncMs, roundTripMs: ROUND_TRIP_MS, connections },
  };
}

export const SEED = {
  name: '2 × t3.small, db.m5.2xlarge Multi-AZ',
  topology: topology(2, 2, 8, MULTI_AZ_SYNC_MS),
} as const satisfies Assumed;

export const WIDE = {
  name: '8 × c7i.large, db.m5.2xlarge Multi-AZ',
  topology: topology(8, 2, 8, MULTI_AZ_SYNC_MS, 20),
} as const satisfies Assumed;

export const TOPOLOGIES: readonly Assumed[] = [
  SEED,
  { name: '4 × t3.small, db.m5.2xlarge Multi-AZ', topology: topology(4, 2, 8, MULTI_AZ_SYNC_MS) },
  WIDE,
  { name: '16 × c7i.large, db.m5.2xlarge Multi-AZ', topology: topology(16, 2, 8, MULTI_AZ_SYNC_MS, 20) },
  { name: '16 × c7i.large, Aurora db.r6i.4xlarge', topology: topology(16, 2, 16, AURORA_SYNC_MS, 20) },
];

/** What AWS publishes of t3.small: credits an hour, the most that it keeps, and what a credit is. */
export const T3_SMALL = { creditsPerHour: 24, mostCredits: 576, vcpus: 2 } as const;
