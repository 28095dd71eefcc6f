/** What a caller may take of this node: places for streams, a runner's requests, and the quota of an API key, which every answer tells. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { URL_CLASS_LIMITS, urlClassOf } from '../../protocol/url-classes.js';
import type { Caller } from '../auth/caller.js';
import { type Quotas, requireQuota } from '../auth/quotas.js';
import type { RunnerQuotas } from '../auth/runner-quotas.js';
import { pathOf } from './lifetime.js';
import { createStreamCaps, type StreamCaps } from './stream-caps.js';

/** @throws RocError ROC_THROTTLED */
export type Admit = (caller: Caller | null, request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export function admitBy(
  quotas: Quotas,
  runners: RunnerQuotas,
  streams: StreamCaps = createStreamCaps(),
): Admit {
  return async (caller, request, reply) => {
    if (caller === null) return;
    if (caller.kind === 'runner') return runners.take(bucketOf(caller.id, request));
    // A bucket of its own: a robot that asks without end must not keep its runner from beating.
    if (caller.kind === 'job') return runners.take(caller.jobId);
    const urlClass = urlClassOf(pathOf(request.url));
    // Runners hold one poll each by themselves.
    const hold = () => {
      if (!URL_CLASS_LIMITS[urlClass].isHeld) return;
      reply.raw.once('close', streams.take(caller.kind === 'key' ? caller.keyId : caller.userId));
    };
    if (caller.kind === 'user') return hold();
    const { quota } = caller;
    const state = await quotas.take(quota, urlClass);
    const daily = quota.daily === null ? '' : `, ${quota.daily};w=86400`;
    reply.headers({
      'ratelimit-limit': String(state.limit),
      'ratelimit-remaining': String(state.remaining),
      'ratelimit-reset': String(state.resetSeconds),
      'ratelimit-policy': `${quota.rps};w=1${daily}`,
    });
    requireQuota(state);
    hold();
  };
}

/** Leases hang on heartbeats: a runner with much to say must not lose its jobs over it. */
function bucketOf(runnerId: string, { routeOptions }: FastifyRequest): string {
  return routeOptions.config.routeId === 'runner.heartbeat' ? `${runnerId} heartbeat` : runnerId;
}
