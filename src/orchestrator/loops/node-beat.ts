/** A node says every few seconds that it is there and how busy it is, and drains when it is told to. */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Log } from '../../kernel/log.js';
import type { HeldCalls } from '../http/held-calls.js';
import { newUlid } from '../store/ids.js';
import { beat, forgetNode, NODE_BEAT_MS, type NodeIdentity } from '../store/nodes.js';
import type { Store } from '../store/store.js';
import { type Loop, startLoop } from './loop.js';

export interface NodeBeatOptions {
  readonly store: Store;
  readonly held: HeldCalls;
  readonly instanceId: string | null;
  readonly version: string;
  readonly log: Log;
  readonly random: () => number;
}

export interface NodeBeat extends Loop {
  readonly id: string;
}

/** Registers the node before it resolves. */
export async function startNodeBeat({
  store,
  held,
  log,
  random,
  ...about
}: NodeBeatOptions): Promise<NodeBeat> {
  const node: NodeIdentity = { id: newUlid(await store.now()), ...about };
  let isDraining = false;
  let before = performance.eventLoopUtilization();
  const round = async () => {
    const busy = busySince(before);
    before = performance.eventLoopUtilization();
    const shallDrain = await beat(store, node, {
      ...{ held: held.count(), busy, rssBytes: process.memoryUsage.rss() },
    });
    if (shallDrain !== isDraining)
      log.info({ node: node.id }, shallDrain ? 'node drains' : 'node works again');
    isDraining = shallDrain;
    held.drain(isDraining);
    return { more: false };
  };
  await round();
  const loop = startLoop({ name: 'node', everyMs: NODE_BEAT_MS, round, log, random });
  return {
    id: node.id,
    stop: async () => {
      await loop.stop();
      // Where the database is away too, the row ages by itself.
      await forgetNode(store, node.id).catch((error: unknown) => log.debug({ err: error }, 'node row stays'));
    },
  };
}

function busySince(before: EventLoopUtilization): number {
  return Math.round(performance.eventLoopUtilization(before).utilization * 1000) / 1000;
}
