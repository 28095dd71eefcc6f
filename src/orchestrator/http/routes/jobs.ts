/** Jobs: start, watch, stop, run again, and why one waits. */
import { cancel } from '../../jobs/cancel.js';
import { enqueue } from '../../jobs/enqueue.js';
import { retry } from '../../jobs/retry.js';
import { why } from '../../jobs/why.js';
import { listEvents } from '../../store/job-events.js';
import { listLogLines } from '../../store/job-logs.js';
import { getJob, listJobs } from '../../store/jobs.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';
import { jobFeed, readPlace } from './job-feed.js';

type JobRoutes = Extract<keyof Handlers, `jobs.${string}`>;

export function jobHandlers(parts: ServerParts): Pick<Handlers, JobRoutes> {
  const { store, changes, inputs } = parts;
  return {
    'jobs.list': ({ caller, query, sight }) =>
      listJobs(store, { ...query, sight, tenantId: caller.tenantId }),
    'jobs.start': ({ caller, body, transact }) => {
      const { tenantId, email: createdBy } = caller;
      const input = body.input === undefined ? {} : body.input;
      return transact((tx) => enqueue(tx, { ...body, tenantId, createdBy, input, checkInput: inputs.check }));
    },
    'jobs.show': async ({ caller, params }) => {
      const job = await getJob(store, caller.tenantId, params.id);
      return { ...job, events: await listEvents(store, job.id) };
    },
    'jobs.logs': async ({ caller, params, query }) => {
      const { id } = await getJob(store, caller.tenantId, params.id);
      return listLogLines(store, { ...query, jobId: id });
    },
    'jobs.events': async ({ caller, params, signal, header, recheck }) => {
      const job = await getJob(store, caller.tenantId, params.id);
      const parts = { store, changes, recheck };
      return jobFeed(parts, job, readPlace(header('last-event-id')), signal, caller.tenantId);
    },
    'jobs.why': ({ caller, params }) => why(store, caller.tenantId, params.id),
    'jobs.cancel': ({ caller, params, transact }) => transact((tx) => cancel(tx, caller.tenantId, params.id)),
    'jobs.retry': ({ caller, params, transact }) => {
      const { tenantId, email: createdBy } = caller;
      return transact((tx) => retry(tx, { tenantId, createdBy, jobId: params.id, checkInput: inputs.check }));
    },
  };
}
