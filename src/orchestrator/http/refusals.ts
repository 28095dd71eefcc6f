/** Tells the audit chain of every request that was refused: who, what, from where. */
import type { FastifyInstance } from 'fastify';
import type { Refusals } from '../audit/refusals.js';
import { actorOf } from './audited.js';

const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

export function tellRefusals(app: FastifyInstance, refusals: Refusals): void {
  app.addHook('onResponse', async (request, reply) => {
    const { caller, routeOptions, ip, id } = request;
    if (!REFUSED.has(reply.statusCode)) return;
    refusals.note({
      caller: caller === null ? null : { tenantId: caller.tenantId, actor: actorOf(caller) },
      route: routeOptions.config.routeId ?? 'none',
      status: reply.statusCode,
      address: ip,
      requestId: id,
    });
  });
}
