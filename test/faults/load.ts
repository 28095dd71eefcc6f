/** A client that starts jobs through the load balancer and keeps what it was promised, whatever happens meanwhile. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRocError } from '../../src/kernel/errors.js';
import { type Client, createClient } from '../../src/protocol/client.js';
import { packedRobot } from '../helpers/robot-package.js';
import { EMAIL, PASSWORD } from './cluster.js';
import { createGate } from './gate.js';
import { ledgerRobot, readLedger } from './ledger.js';
import type { Seeded } from './seeded.js';

export interface Load {
  readonly client: Client;
  /** Of the one who starts the jobs. */
  token(): Promise<string>;
  /** Ids of the jobs whose acceptance (2xx) reached the client, in that order, with the version each was pinned to. */
  readonly accepted: Map<string, string>;
  /** Answers that were no answer: cut connections and 5xx, each of which was tried again under the same key. */
  readonly refused: () => number;
  /** Of those, the ones in which the server was at a loss (500): nothing that befalls it may lead to that. */
  readonly atALoss: () => number;
  /** Resolves at the first acceptance from now on, with the milliseconds until then. */
  nextAccepted(): Promise<number>;
  publish(version: string): Promise<void>;
  deploy(version: string): Promise<void>;
  rollback(): Promise<void>;
  /**
   * Starts so many jobs, so many a second, each for 50 to 250 ms of work where `work` does not say otherwise, and goes
   * on while `isWanted` says so.
   */
  start(count: number, perSecond: number, work?: Work, isWanted?: () => boolean): Promise<void>;
}

export interface Work {
  /** Milliseconds of the first claim. */
  readonly ms: number;
  /** Milliseconds of every later one. */
  readonly laterMs?: number;
}

const GIVE_UP_MS = 120_000;
/** Jobs that wait, and how long for fewer: a machine that is busy with other things must not be given ever more. */
const MOST_OPEN = 100;
const CHECK_EVERY = 10;
const ROOM_WITHIN_MS = 5000;
/** Requests in flight: who has to wait for answers does not ask ever more. */
const AT_ONCE = 40;

export async function startLoad(url: string, ledger: string, seed: Seeded): Promise<Load> {
  const accepted = new Map<string, string>();
  const waiting: (() => void)[] = [];
  let [refused, atALoss] = [0, 0];
  let session: Promise<string> | null = null;
  const open = createClient({ url, userAgent: 'faults', token: async () => null });
  const login = async () =>
    (await open.call('auth.login', { body: { email: EMAIL, password: PASSWORD } })).accessToken;
  const token = () => {
    session ??= login();
    return session;
  };
  const client = createClient({ url, userAgent: 'faults', token });
  const persist = async <T>(call: () => Promise<T>): Promise<T> => {
    const end = performance.now() + GIVE_UP_MS;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isRocError(error) || ![429, 500, 502, 503, 408, 401].includes(error.httpStatus)) throw error;
        if (performance.now() > end) throw error;
        refused++;
        if (error.details?.['status'] === 500) atALoss++;
        session = null;
        await sleep(100 + seed.next() * 200);
      }
    }
  };
  const gate = createGate(AT_ONCE);
  const start = async (work: Work) => {
    const body = { process: 'worker', input: { ledger, ...work } };
    const idempotencyKey = randomUUID();
    const job = await gate(() => persist(() => client.call('jobs.start', { body, idempotencyKey })));
    accepted.set(job.id, job.version);
    for (const tell of waiting.splice(0)) tell();
  };
  const room = async () => {
    const ended = () => readLedger(ledger).filter(({ phase }) => phase === 'end').length;
    const end = performance.now() + ROOM_WITHIN_MS;
    while (accepted.size - ended() > MOST_OPEN && performance.now() < end) await sleep(250);
  };
  return {
    client,
    token,
    accepted,
    refused: () => refused,
    atALoss: () => atALoss,
    nextAccepted: async () => {
      const from = performance.now();
      await new Promise<void>((resolve) => waiting.push(resolve));
      return performance.now() - from;
    },
    async publish(version) {
      const { bytes } = await packedRobot(ledgerRobot(version));
      const params = { robot: 'worker', version };
      await persist(() =>
        client.upload('versions.publish', Readable.from([bytes]), bytes.length, { params }),
      );
    },
    async deploy(version) {
      const body = { robot: 'worker', version };
      const idempotencyKey = randomUUID();
      await persist(() => client.call('deployments.create', { body, idempotencyKey }));
      await persist(() =>
        client.call('processes.set', { params: { process: 'worker' }, body: { maxAttempts: 20 } }),
      );
    },
    async rollback() {
      const idempotencyKey = randomUUID();
      await persist(() => client.call('deployments.rollback', { body: { robot: 'worker' }, idempotencyKey }));
    },
    async start(count, perSecond, work, isWanted = () => false) {
      const running: Promise<void>[] = [];
      for (let n = 0; n < count || isWanted(); n++) {
        const one = start(work ?? { ms: seed.between(50, 250) });
        // It is awaited below; until then its failure must not end the process.
        one.catch(() => {});
        running.push(one);
        if (running.length % AT_ONCE === 0) await running.at(-AT_ONCE);
        if (work === undefined && n % CHECK_EVERY === 0) await room();
        await sleep(1000 / perSecond);
      }
      await Promise.all(running);
    },
  };
}
