/** A plain retelling of the job engine's promises, in memory and without its code: what the engine is held against. */

export type Outcome = 'succeeded' | 'failed' | 'timed_out' | 'canceled';
export type OnLost = 'retry' | 'hold' | 'fail';

export interface ModelLease {
  runner: number;
  until: number;
  started: boolean;
  nextLog: number;
}

export interface ModelJob {
  id: string;
  process: string;
  platforms: readonly string[];
  state: string;
  attempt: number;
  epoch: number;
  priority: number;
  maxAttempts: number;
  onLost: OnLost;
  runAt: number;
  lease: ModelLease | null;
  results: Map<number, { runner: number; resultId: string; state: string }>;
}

export interface ModelRunner {
  readonly os: string;
  online: boolean;
  draining: boolean;
}

const ENDS = new Set(['succeeded', 'failed', 'canceled', 'timed_out', 'dead']);

export class JobModel {
  now = 0;
  readonly jobs: ModelJob[] = [];
  readonly runners: ModelRunner[];
  /** All states that a job has been in. */
  readonly visited = new Set<string>();

  constructor(runners: readonly string[], now: number) {
    this.runners = runners.map((os) => ({ os, online: true, draining: false }));
    this.now = now;
  }

  add(job: Omit<ModelJob, 'state' | 'attempt' | 'epoch' | 'lease' | 'results'>): void {
    const state = job.runAt > this.now ? 'scheduled' : 'queued';
    this.jobs.push({ ...job, state, attempt: 0, epoch: 0, lease: null, results: new Map() });
  }

  /** Ids in the order in which they are given out, or the code of the refusal. */
  claim(at: number, slots: number): string[] | string {
    const runner = this.runner(at);
    if (!runner.online) return 'ROC_GONE';
    if (runner.draining) return [];
    const taken = this.jobs
      .filter(({ state, platforms }) => state === 'queued' && platforms.includes(runner.os))
      .sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))
      .slice(0, slots);
    for (const job of taken) {
      job.state = 'leased';
      job.attempt += 1;
      job.epoch += 1;
      job.lease = { runner: at, until: this.now + 20_000, started: false, nextLog: 1 };
    }
    return taken.map(({ id }) => id);
  }

  start(job: ModelJob, at: number, epoch: number): string {
    const lease = this.leaseOf(job, at, epoch);
    if (lease === null) return 'ROC_STALE_LEASE';
    if (lease.started) return 'ok';
    if (job.state === 'canceling') {
      this.release(job);
      return 'ROC_STALE_LEASE';
    }
    Object.assign(lease, { started: true, until: this.now + 60_000 });
    job.state = 'running';
    return 'ok';
  }

  log(job: ModelJob, at: number, epoch: number, from: number, count: number): number | string {
    const lease = this.leaseOf(job, at, epoch);
    if (lease === null) return 'ROC_STALE_LEASE';
    if (from <= lease.nextLog && from + count > lease.nextLog) lease.nextLog = from + count;
    return lease.nextLog;
  }

  /** What the runner is told about each job that it names, or the code of the refusal. */
  heartbeat(at: number, named: readonly { job: ModelJob; epoch: number }[]): string | string[] {
    if (!this.runner(at).online) return 'ROC_GONE';
    return named.map(({ job, epoch }) => {
      const lease = this.leaseOf(job, at, epoch);
      if (lease === null) return 'lost';
      lease.until = this.now + 60_000;
      return job.state === 'canceling' ? 'cancel' : 'renewed';
    });
  }

  complete(job: ModelJob, at: number, epoch: number, resultId: string, outcome: Outcome): string {
    if (this.leaseOf(job, at, epoch) === null) {
      const known = job.results.get(epoch);
      return known?.resultId === resultId && known.runner === at ? known.state : 'ROC_STALE_LEASE';
    }
    job.lease = null;
    if (outcome === 'failed' && job.state !== 'canceling' && job.attempt < job.maxAttempts) {
      this.schedule(job, job.attempt);
    } else job.state = outcome;
    job.results.set(epoch, { runner: at, resultId, state: job.state });
    return job.state;
  }

  cancel(job: ModelJob): string {
    if (ENDS.has(job.state)) return 'ROC_CONFLICT';
    if (job.lease === null) job.state = 'canceled';
    else job.state = 'canceling';
    return job.state;
  }

  /** `again` where a new job is to be made of it. */
  retry(job: ModelJob): 'ok' | 'again' | 'ROC_CONFLICT' {
    if (ENDS.has(job.state)) return 'again';
    if (job.state !== 'held') return 'ROC_CONFLICT';
    job.state = 'queued';
    job.runAt = this.now;
    return 'ok';
  }

  reap(): number {
    const expired = this.jobs.filter(({ lease }) => lease !== null && lease.until <= this.now);
    for (const job of expired) this.expire(job);
    return expired.length;
  }

  promote(): number {
    const due = this.jobs.filter(({ state, runAt }) => state === 'scheduled' && runAt <= this.now);
    for (const job of due) job.state = 'queued';
    return due.length;
  }

  /** A new session that still has some of its jobs. */
  reconnect(at: number, keeps: (job: ModelJob) => boolean): void {
    Object.assign(this.runner(at), { online: true, draining: false });
    for (const job of this.jobs) {
      if (job.lease?.runner !== at) continue;
      if (keeps(job)) job.lease.until = this.now + 60_000;
      else this.expire(job);
    }
  }

  leave(at: number): string {
    const runner = this.runner(at);
    if (!runner.online) return 'ROC_GONE';
    runner.online = false;
    for (const job of this.jobs) if (job.lease?.runner === at) this.expire(job);
    return 'ok';
  }

  drain(at: number): string {
    const runner = this.runner(at);
    if (!runner.online) return 'ROC_GONE';
    runner.draining = true;
    return 'ok';
  }

  private runner(at: number): ModelRunner {
    const runner = this.runners[at];
    if (runner === undefined) throw new TypeError(`no runner ${at}`);
    return runner;
  }

  private leaseOf(job: ModelJob, at: number, epoch: number): ModelLease | null {
    return job.lease !== null && job.lease.runner === at && job.epoch === epoch ? job.lease : null;
  }

  private expire(job: ModelJob): void {
    if (job.lease?.started) this.lose(job);
    else this.release(job);
  }

  private release(job: ModelJob): void {
    job.lease = null;
    job.attempt -= 1;
    if (job.state === 'canceling') job.state = 'canceled';
    else if ((job.epoch - job.attempt) % 25 === 0) job.state = 'held';
    else job.state = 'queued';
    if (job.state === 'queued') job.runAt = this.now;
  }

  private lose(job: ModelJob): void {
    job.lease = null;
    if (job.state === 'canceling') job.state = 'canceled';
    else if (job.onLost === 'hold') job.state = 'held';
    else if (job.onLost === 'fail') job.state = 'failed';
    else if (job.attempt >= Math.max(3, job.maxAttempts)) job.state = 'dead';
    else if (job.attempt > 1) this.schedule(job, job.attempt - 1);
    else {
      job.state = 'queued';
      job.runAt = this.now;
    }
  }

  // With a die that always shows 0, the pause is half of 5, 10, 20 … seconds, at most of ten minutes.
  private schedule(job: ModelJob, step: number): void {
    job.state = 'scheduled';
    job.runAt = this.now + Math.min(5000 * 2 ** (step - 1), 600_000) / 2;
  }
}
