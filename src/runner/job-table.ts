/** The jobs that an agent has in hand: those whose robots run, and those whose results are on their way. */
import { type JobControl, type JobRef, sameJob } from './job-control.js';
import { createWakeUp } from './wake-up.js';

export interface JobTable {
  add(job: JobControl): void;
  remove(job: JobControl): void;
  all(): readonly JobControl[];
  find(ref: JobRef): JobControl | undefined;
  /** Robots that run or are being prepared: what slots are counted by. */
  running(): number;
  /** Resolves at the next change: a robot ended, a job came or was done with. */
  changed(): Promise<void>;
  /** The robot of a job is gone. */
  freed(): void;
}

export function createJobTable(): JobTable {
  const jobs = new Set<JobControl>();
  const change = createWakeUp();
  return {
    add(job) {
      jobs.add(job);
      change.ring();
    },
    remove(job) {
      jobs.delete(job);
      change.ring();
    },
    all: () => [...jobs],
    find: (ref) => [...jobs].find((job) => sameJob(job, ref)),
    running: () => [...jobs].filter((job) => !job.over.aborted).length,
    changed: () => change.next(),
    freed: () => change.ring(),
  };
}
