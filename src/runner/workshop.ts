/** Where an agent's jobs are done: takes offers and left-over results in hand, knows when all of them are finished. */
import type { JobOutcome } from './events.js';
import type { JobContext } from './job-context.js';
import { createJobControl, type JobControl } from './job-control.js';
import { createJobTable, type JobTable } from './job-table.js';
import type { JobOffer } from './package-cache.js';
import type { Delivery } from './result-delivery.js';
import type { SpooledResult } from './result-spool.js';
import { resumeResult, runJob } from './run-job.js';

export interface Workshop {
  readonly jobs: JobTable;
  /** @param sentAt monotonic time at which the poll was sent that brought the offer */
  accept(offer: JobOffer, sentAt: number): void;
  /** Delivers a result that an earlier agent left, once the server has said whether it wants it. */
  adopt(result: SpooledResult, asked: Promise<unknown>): void;
  /** Jobs accepted so far, how the last one ended, and results that wait on disk for the next agent. */
  tally(): { readonly jobs: number; readonly lastOutcome: JobOutcome | null; readonly kept: number };
  /** Resolves when nothing is in hand any more. */
  settled(): Promise<void>;
}

export function openWorkshop(context: JobContext): Workshop {
  const jobs = createJobTable();
  const inHand = new Set<Promise<void>>();
  let accepted = 0;
  let kept = 0;
  let lastOutcome: JobOutcome | null = null;

  const keep = (job: JobControl, work: Promise<Delivery | null>) => {
    jobs.add(job);
    const settled = work
      .then((delivery) => {
        if (delivery === 'kept') kept += 1;
      })
      .catch((error: unknown) =>
        context.emit({ event: 'warning', message: `job ${job.jobId}: ${String(error)}` }),
      )
      .finally(() => {
        inHand.delete(settled);
        jobs.remove(job);
      });
    inHand.add(settled);
  };

  return {
    jobs,
    accept(offer, sentAt) {
      const job = createJobControl(offer, offer.leaseMs, sentAt);
      accepted += 1;
      const onOver = (outcome: JobOutcome) => {
        lastOutcome = outcome;
        jobs.freed();
      };
      keep(job, runJob(offer, job, context, onOver));
    },
    adopt(result, asked) {
      const job = createJobControl(result, 0, 0);
      job.robotEnded();
      keep(
        job,
        asked.then(() => resumeResult(result, job, context)),
      );
    },
    tally: () => ({ jobs: accepted, lastOutcome, kept }),
    async settled() {
      await Promise.all(inHand);
    },
  };
}
