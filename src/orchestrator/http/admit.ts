/** The quota of an API key, taken before anything else is done for it, and told in every answer. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { urlClassOf } from '../../protocol/url-classes.js';
import type { Caller } from '../auth/caller.js';
import { type Quotas, requireQuota } from '../auth/quotas.js';
import { pathOf } from './lifetime.js';

/** @throws RocError ROC_THROTTLED */
export type Admit = (caller: Caller | null, request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export function admitBy(quotas: Quotas): Admit {
  return async (caller, request, reply) => {
    if (caller?.kind !== 'key') return;
    const { quota } = caller;
    const state = await quotas.take(quota, urlClassOf(pathOf(request.url)));
    const daily = quota.daily === null ? '' : `, ${quota.daily};w=86400`;
    reply.headers({
      'ratelimit-limit': String(state.limit),
      'ratelimit-remaining': String(state.remaining),
      'ratelimit-reset': String(state.resetSeconds),
      'ratelimit-policy': `${quota.rps};w=1${daily}`,
    });
    requireQuota(state);
  };
}
