/** Runners as people see them. */
import { isoTime } from '../../../kernel/time.js';
import { newRegistrationToken } from '../../auth/runner-tokens.js';
import { ONLINE_MS } from '../../jobs/limits.js';
import { drainRunner, removeRunner } from '../../jobs/sessions.js';
import { listRunners } from '../../store/runner-list.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type RunnersRoutes = Extract<keyof Handlers, `runners.${string}`>;

export function runnersHandlers({ store, auth }: ServerParts): Pick<Handlers, RunnersRoutes> {
  return {
    'runners.list': ({ caller, query }) =>
      listRunners(store, { ...query, tenantId: caller.tenantId, onlineMs: ONLINE_MS }),
    'runners.token': ({ caller, body, transact }) =>
      transact(async (tx) => {
        const { tenantId, email: createdBy } = caller;
        const { expiresAt, ...token } = await newRegistrationToken(tx, { ...body, tenantId, createdBy });
        return { ...token, expiresAt: isoTime(expiresAt) };
      }),
    'runners.drain': async ({ caller, params, transact }) => {
      const drained = await transact((tx) => drainRunner(tx, caller.tenantId, params.id));
      auth.authenticator.forget(params.id);
      return drained;
    },
    'runners.remove': async ({ caller, params, transact, tell }) => {
      await transact(async (tx) => {
        const { id, name } = await removeRunner(tx, caller.tenantId, params.id);
        tell({ target: { kind: 'runner', id, name } });
      });
      auth.authenticator.forget(params.id);
    },
  };
}
