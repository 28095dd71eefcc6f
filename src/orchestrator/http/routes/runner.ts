/** What a runner says: come in, open a session, stay alive, leave. */
import { isoTime } from '../../../kernel/time.js';
import { assertionAudience } from '../../auth/access-tokens.js';
import type { RunnerCaller } from '../../auth/caller.js';
import { hashOfToken } from '../../auth/refresh-tokens.js';
import { tradeAssertion } from '../../auth/runner-tokens.js';
import { type Heartbeat, type HeartbeatAnswer, heartbeat } from '../../jobs/heartbeat.js';
import { CANCEL_GRACE_MS, HEARTBEAT_MS, LEASE_MS } from '../../jobs/limits.js';
import { drainSession, leaveSession, openSession, registerRunner } from '../../jobs/sessions.js';
import { createSignsOfLife } from '../../jobs/signs-of-life.js';
import { requireSession } from '../../store/runners.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type RunnerRoutes =
  | 'runner.register'
  | 'runner.token'
  | 'runner.session'
  | 'runner.leave'
  | 'runner.heartbeat'
  | 'runner.drain';

export function runnerHandlers({ store, auth }: ServerParts): Pick<Handlers, RunnerRoutes> {
  const signs = createSignsOfLife(store);
  return {
    'runner.register': async ({ body: { token, ...facts }, address, requestId }) => {
      const {
        tenantId: _,
        tokenId: __,
        ...registered
      } = await store.transaction(async (tx) => {
        const made = await registerRunner(tx, { ...facts, tokenHash: hashOfToken(token) });
        const { runnerId: id, tenantId, pool, tokenId } = made;
        const { name, os, arch, version, signKey, boxKey } = facts;
        await auth.audit.append(tx, {
          ...{ tenantId, address, requestId, action: 'runner.register' },
          actor: { kind: 'runner', id, name },
          target: { kind: 'runner', id, name },
          after: { pool, os, arch, version, signKey, boxKey, token: tokenId },
        });
        return made;
      });
      return { ...registered, audience: assertionAudience(auth.keys) };
    },
    'runner.token': async ({ body }) => {
      const { token, expiresAt } = await tradeAssertion(store, auth, body.assertion);
      return { accessToken: token, expiresAt: isoTime(expiresAt) };
    },
    'runner.session': async ({ caller, body: { bootId, running, ...host } }) => {
      const opened = await openSession(store, { runnerId: caller.id, bootId, host, running });
      auth.authenticator.forget(caller.id);
      return { ...opened, heartbeatMs: HEARTBEAT_MS, leaseMs: LEASE_MS };
    },
    'runner.leave': async ({ caller, query }) => {
      await leaveSession(store, { ...query, runnerId: caller.id });
      auth.authenticator.forget(caller.id);
    },
    'runner.heartbeat': async ({ caller, body }) => {
      const answer = idleAnswer(caller, body) ?? (await heartbeat(store, { ...body, runnerId: caller.id }));
      await signs.note(caller.id);
      return { ...answer, cancel: answer.cancel.map((ref) => ({ ...ref, graceMs: CANCEL_GRACE_MS })) };
    },
    'runner.drain': async ({ caller, body }) => {
      await drainSession(store, { ...body, runnerId: caller.id });
      auth.authenticator.forget(caller.id);
    },
  };
}

/** Of who holds nothing there is nothing to renew: what is known of the session is enough, unless it is a newer one. */
function idleAnswer(
  caller: RunnerCaller,
  { jobs, sessionEpoch }: Omit<Heartbeat, 'runnerId'>,
): HeartbeatAnswer | null {
  if (jobs.length > 0 || caller.sessionEpoch < sessionEpoch) return null;
  const { isDraining } = requireSession(caller, sessionEpoch);
  return { renewed: [], cancel: [], lost: [], drain: isDraining };
}
