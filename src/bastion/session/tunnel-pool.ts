/** A tunnel over one or several sessions: gives each connection the least busy one, and replaces what has ended. */
import type { Duplex } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { silentLog } from '../../kernel/log.js';
import { type OpenPortSessionOptions, openPortSession, type PortSession } from './port-session.js';

export interface TunnelPoolOptions extends OpenPortSessionOptions {
  /** The most sessions at a time; more than one speeds up many connections, never a single one. @default 1 */
  readonly parallel?: number | undefined;
}

export interface TunnelPool {
  connect(): Promise<Duplex>;
  close(): Promise<void>;
  /** Of the sessions open now, oldest first. */
  readonly sessions: readonly PortSession[];
}

/** After so many refusals in a row the host is looked up anew, which the agent does only when a session starts. */
const REFUSALS_BEFORE_RESTART = 2;

/** Opens the first session at once, so that what is wrong shows now. */
export async function openTunnelPool(options: TunnelPoolOptions): Promise<TunnelPool> {
  const log = options.log ?? silentLog;
  const sessions: PortSession[] = [];
  const retired = new Set<PortSession>();
  const opening = new Set<Promise<PortSession>>();
  const abort = new AbortController();
  const parallel = options.parallel ?? 1;

  const open = (): Promise<PortSession> => {
    const promise = openPortSession({ ...options, signal: abort.signal }).then((session) => {
      sessions.push(session);
      void session.closed.then((end) => {
        remove(session);
        log.debug({ sessionId: session.sessionId, by: end.by }, 'session ended');
      });
      return session;
    });
    opening.add(promise);
    const done = () => void opening.delete(promise);
    promise.then(done, done);
    return promise;
  };
  const remove = (session: PortSession) => {
    const index = sessions.indexOf(session);
    if (index >= 0) sessions.splice(index, 1);
  };
  // The open connections of a session that is replaced go on; it ends with the last of them.
  const retire = (session: PortSession) => {
    remove(session);
    retired.add(session);
    const timer = setInterval(() => {
      if (session.load === 0) void session.close();
    }, 1000);
    void session.closed.then(() => {
      clearInterval(timer);
      retired.delete(session);
    });
  };
  const pick = async (): Promise<PortSession> => {
    for (const session of sessions.filter(({ refusals }) => refusals >= REFUSALS_BEFORE_RESTART))
      retire(session);
    const usable = sessions.filter((session) => session.canConnect).sort((a, b) => a.load - b.load);
    const [idlest] = usable;
    // One slow reader holds up all that share its session, so a blocked one counts as none.
    const mayOpen = idlest === undefined || sessions.length + opening.size < parallel;
    if (idlest !== undefined && (idlest.load === 0 || !mayOpen)) return idlest;
    return open();
  };

  options.signal?.addEventListener('abort', () => abort.abort(), { once: true });
  await open();
  return {
    sessions,
    async connect() {
      if (abort.signal.aborted) throw new RocError('ROC_INTERRUPTED', 'the tunnel is closed');
      return (await pick()).connect();
    },
    async close() {
      abort.abort();
      await Promise.allSettled([...opening]);
      await Promise.allSettled([...sessions, ...retired].map((session) => session.close()));
    },
  };
}
