/** FAKE: what the fake orchestrator remembers, and the rules of leases and epochs as the protocol states them. */
import { randomUUID } from 'node:crypto';
import { ulid } from 'ulid';
import type { ParsedBodyOf, ReplyOf } from '../../src/protocol/contracts.js';
import { wrapKeyFor } from '../../src/protocol/package/key-wrap.js';
import type { Answer } from './fake-orchestrator.js';
import type { FakePackage } from './fake-packages.js';

type LogLine = ParsedBodyOf<'runner.logs'>['lines'][number];
type Completion = ParsedBodyOf<'runner.complete'>;

export interface FakeJob {
  readonly id: string;
  readonly package: FakePackage;
  readonly input: unknown;
  readonly timeoutMs: number;
  state: 'queued' | 'leased' | 'running' | 'done';
  epoch: number;
  attempt: number;
  isCanceling: boolean;
  isDelivered: boolean;
  /** Lines by attempt. */
  readonly logs: Map<number, LogLine[]>;
  result: Completion | null;
  /** Completions that were taken; more than one is a fault of the protocol. */
  completions: number;
}

export interface FakeState {
  readonly registrationToken: string;
  readonly accessTokens: Set<string>;
  readonly usedAssertions: Set<string>;
  readonly jobs: Map<string, FakeJob>;
  runner: (ParsedBodyOf<'runner.register'> & { readonly id: string }) | null;
  sessionEpoch: number;
  isDraining: boolean;
  tokenLifeMs: number;
  /** Made by the last request that changed something about a job. */
  enqueue(robot: FakePackage, options?: { input?: unknown; timeoutMs?: number }): FakeJob;
  cancel(job: FakeJob): void;
  /** Takes the lease away as a reaper would: the next attempt may go to anyone. */
  loseLease(job: FakeJob): void;
  /** Lines of all attempts in order, without those of the runner itself. */
  textOf(job: FakeJob, stream?: string): string[];
  register(body: ParsedBodyOf<'runner.register'>): Answer;
  openSession(body: ParsedBodyOf<'runner.session'>): Answer;
  leave(query: { sessionEpoch: number }): Answer;
  poll(body: ParsedBodyOf<'runner.poll'>, isClosed: Promise<void>): Promise<Answer>;
  heartbeat(body: ParsedBodyOf<'runner.heartbeat'>): Answer;
  drain(body: ParsedBodyOf<'runner.drain'>): Answer;
  started(id: string, body: ParsedBodyOf<'runner.started'>): Answer;
  key(id: string, body: ParsedBodyOf<'runner.key'>): Answer;
  package(id: string, epoch: number): Answer;
  logs(id: string, body: ParsedBodyOf<'runner.logs'>): Answer;
  complete(id: string, body: Completion): Answer;
}

const GONE: Answer = { status: 410, code: 'ROC_GONE' };
const STALE: Answer = { status: 409, code: 'ROC_STALE_LEASE' };

export function makeFakeState(terms: {
  heartbeatMs: number;
  leaseMs: number;
  cancelGraceMs: number;
}): FakeState {
  const jobs = new Map<string, FakeJob>();
  let wake: (() => void)[] = [];
  const ring = () => {
    const woken = wake;
    wake = [];
    for (const resolve of woken) resolve();
  };
  const held = (id: string, epoch: number) => {
    const job = jobs.get(id);
    return job !== undefined && job.epoch === epoch && (job.state === 'leased' || job.state === 'running')
      ? job
      : null;
  };
  const requeue = (job: FakeJob) => {
    job.attempt -= job.state === 'leased' ? 1 : 0;
    job.state = 'queued';
    ring();
  };

  const state: FakeState = {
    registrationToken: `roc_reg_${randomUUID()}`,
    accessTokens: new Set(),
    usedAssertions: new Set(),
    jobs,
    runner: null,
    sessionEpoch: 0,
    isDraining: false,
    tokenLifeMs: 600_000,

    enqueue(robot, { input = null, timeoutMs = 60_000 } = {}) {
      const job: FakeJob = {
        ...{ id: ulid(), package: robot, input, timeoutMs, state: 'queued', epoch: 0, attempt: 0 },
        ...{ isCanceling: false, isDelivered: false, logs: new Map(), result: null, completions: 0 },
      };
      jobs.set(job.id, job);
      ring();
      return job;
    },
    cancel(job) {
      job.isCanceling = true;
    },
    loseLease: requeue,
    textOf: (job, stream) =>
      [...job.logs.values()]
        .flat()
        .filter((line) => (stream === undefined ? line.stream !== 'system' : line.stream === stream))
        .map(({ text }) => text),

    register(body) {
      if (body.token !== state.registrationToken || state.runner !== null)
        return { status: 401, code: 'ROC_UNAUTHENTICATED' };
      state.runner = { ...body, id: ulid() };
      return {
        reply: { runnerId: state.runner.id, tenant: 'default', pool: 'default', audience: 'fake:token' },
      };
    },
    openSession({ running }) {
      state.sessionEpoch += 1;
      ring();
      const isHeld = (ref: { jobId: string; epoch: number }) => held(ref.jobId, ref.epoch) !== null;
      const known = new Set(running.filter(isHeld).map(({ jobId }) => jobId));
      for (const job of jobs.values()) if (held(job.id, job.epoch) && !known.has(job.id)) requeue(job);
      const { heartbeatMs, leaseMs } = terms;
      const abandon = running.filter((ref) => !isHeld(ref));
      return {
        reply: {
          sessionEpoch: state.sessionEpoch,
          heartbeatMs,
          leaseMs,
          adopt: running.filter(isHeld),
          abandon,
        },
      };
    },
    leave({ sessionEpoch }) {
      if (sessionEpoch !== state.sessionEpoch) return GONE;
      state.sessionEpoch += 1;
      for (const job of jobs.values()) if (held(job.id, job.epoch)) requeue(job);
      return {};
    },
    async poll({ sessionEpoch, freeSlots, waitMs }, isClosed) {
      const until = performance.now() + waitMs;
      let isOpen = true;
      void isClosed.then(() => {
        isOpen = false;
        ring();
      });
      for (;;) {
        if (!isOpen) return {};
        if (sessionEpoch !== state.sessionEpoch) return GONE;
        if (state.isDraining) return { reply: { jobs: [], drain: true } };
        const ready = [...jobs.values()].filter((job) => job.state === 'queued').slice(0, freeSlots);
        if (ready.length > 0) return { reply: { jobs: ready.map((job) => offer(job)), drain: false } };
        const left = until - performance.now();
        if (left <= 0) return { reply: { jobs: [], drain: false } };
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
    },
    heartbeat({ sessionEpoch, jobs: told }) {
      if (sessionEpoch !== state.sessionEpoch) return GONE;
      const refs = told.map(({ jobId, epoch }) => ({ jobId, epoch }));
      const renewed = refs.filter(({ jobId, epoch }) => held(jobId, epoch) !== null);
      const lost = refs.filter(({ jobId, epoch }) => held(jobId, epoch) === null);
      const cancel = renewed
        .filter(({ jobId }) => jobs.get(jobId)?.isCanceling)
        .map((ref) => ({ ...ref, graceMs: terms.cancelGraceMs }));
      return { reply: { renewed, cancel, lost, drain: state.isDraining } };
    },
    drain({ sessionEpoch }) {
      if (sessionEpoch !== state.sessionEpoch) return GONE;
      state.isDraining = true;
      return {};
    },
    started(id, { epoch }) {
      const job = held(id, epoch);
      if (job === null) return STALE;
      job.state = 'running';
      return {};
    },
    key(id, { epoch }) {
      const job = held(id, epoch);
      if (job === null) return STALE;
      const { dataKey, digest } = job.package;
      const binding = { runnerId: state.runner?.id ?? '', jobId: id, epoch, digest };
      return { reply: { wrappedKey: wrapKeyFor(state.runner?.boxKey ?? '', dataKey, binding) } };
    },
    package(id, epoch) {
      const job = held(id, epoch);
      return job === null ? STALE : { bytes: job.package.ciphertext };
    },
    logs(id, { epoch, lines }) {
      const job = held(id, epoch);
      if (job === null) return STALE;
      const kept = job.logs.get(job.attempt) ?? [];
      for (const line of lines) if (line.seq === kept.length + 1) kept.push(line);
      job.logs.set(job.attempt, kept);
      return { reply: { nextSeq: kept.length + 1 } };
    },
    complete(id, body) {
      const job = jobs.get(id);
      if (job?.result?.resultId === body.resultId && job.epoch === body.epoch)
        return { reply: { state: 'done' } };
      if (job === undefined || held(id, body.epoch) === null) return STALE;
      Object.assign(job, { result: body, state: 'done', completions: job.completions + 1 });
      return { reply: { state: body.outcome } };
    },
  };

  const offer = (job: FakeJob): ReplyOf<'runner.poll'>['jobs'][number] => {
    Object.assign(job, { state: 'leased', epoch: job.epoch + 1, attempt: job.attempt + 1 });
    const { dataKey: _key, entrypoint, ciphertext: _, ...named } = job.package;
    const url = `/api/v1/runner/jobs/${job.id}/package?epoch=${job.epoch}`;
    return {
      ...{ jobId: job.id, epoch: job.epoch, attempt: job.attempt, process: named.robot, environment: 'dev' },
      ...{
        package: { ...named, url, signature: null },
        entrypoint: [...entrypoint],
        input: job.input,
      },
      ...{ timeoutMs: job.timeoutMs, leaseMs: terms.leaseMs },
    };
  };
  return state;
}
