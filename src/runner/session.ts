/** A runner's session at the server: opened anew whenever another one took its place. */
import { randomUUID } from 'node:crypto';
import { MINUTE } from '../kernel/time.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { backoffMs } from './backoff.js';
import type { HostFacts } from './host-facts.js';
import { type JobControl, sameJob } from './job-control.js';
import type { JobTable } from './job-table.js';
import { keepTrying } from './keep-trying.js';
import type { Link } from './link.js';
import type { Timing } from './timing.js';

export type SessionTerms = Pick<ReplyOf<'runner.session'>, 'sessionEpoch' | 'heartbeatMs' | 'leaseMs'>;

export interface Session {
  /** The terms of the present session; opens the first one. */
  terms(): Promise<SessionTerms>;
  /** The server said that this session is over: the next terms are of another one. */
  ended(sessionEpoch: number): void;
  /** Tells the server that this runner takes no more jobs; it is no harm where that cannot be told. */
  drain(timeoutMs: number): Promise<void>;
  /** Gives it back; leases of jobs that have not started return to the queue at once. */
  leave(timeoutMs: number): Promise<void>;
}

export interface SessionOptions {
  readonly link: Link;
  readonly facts: HostFacts;
  readonly jobs: JobTable;
  readonly timing: Timing;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** A session that lived shorter than this was taken by a twin of this runner, not lost by chance. */
const SHORT_LIFE = MINUTE;
/** Whatever a server says, this is often enough. */
const SHORTEST_BEAT = 100;

export function createSession(options: SessionOptions): Session {
  const { link, facts, jobs, timing, signal, onFailure } = options;
  const bootId = randomUUID();
  let present: Promise<SessionTerms> | null = null;
  let openEpoch: number | null = null;
  let openedAt = 0;
  let shortLives = 0;

  const open = async (): Promise<SessionTerms> => {
    // Two agents with one identity would take the session from each other as fast as they can.
    if (shortLives > 0) await timing.sleep(backoffMs(shortLives, timing.random()), signal);
    let told: readonly JobControl[] = [];
    const attempt = () => {
      told = jobs.all();
      const running = told.map(({ jobId, epoch }) => ({ jobId, epoch }));
      return link.call('runner.session', { body: { bootId, ...facts, running }, signal });
    };
    const reply = await keepTrying(attempt, { kind: 'agent', timing, signal, onFailure });
    openedAt = timing.mono();
    openEpoch = reply.sessionEpoch;
    // What the server does not let us go on with, it has given or will give to another.
    for (const job of told) if (!reply.adopt.some((ref) => sameJob(ref, job))) job.stop('lost');
    return { ...reply, heartbeatMs: Math.max(reply.heartbeatMs, SHORTEST_BEAT) };
  };

  return {
    terms() {
      present ??= open().catch((error: unknown) => {
        present = null;
        throw error;
      });
      return present;
    },
    ended(sessionEpoch) {
      if (openEpoch !== sessionEpoch) return;
      shortLives = timing.mono() - openedAt < SHORT_LIFE ? shortLives + 1 : 0;
      openEpoch = null;
      present = null;
    },
    async drain(timeoutMs) {
      if (openEpoch === null) return;
      const body = { sessionEpoch: openEpoch };
      await link.call('runner.drain', { body, timeoutMs }).catch(onFailure);
    },
    async leave(timeoutMs) {
      if (openEpoch === null) return;
      const query = { sessionEpoch: openEpoch };
      openEpoch = null;
      await link.call('runner.leave', { query, timeoutMs }).catch(onFailure);
    },
  };
}
