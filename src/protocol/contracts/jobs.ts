/** Jobs: start, watch, stop, run again, and why one waits. */
import { z } from 'zod';
import { JOB_STATE_NAMES } from '../job-states.js';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';
import { onLostSchema } from './processes.js';

const idParams = z.object({ id: idSchema });

export const jobErrorSchema = z.object({
  /** `robot`: it failed by itself; `lost`: its runner went away; `package`: it could not be verified or unpacked; `assets`: one is missing. */
  kind: z.enum(['robot', 'timeout', 'canceled', 'lost', 'package', 'assets', 'runner']),
  message: z.string(),
  exitCode: z.number().int().nullable(),
});

const jobSchema = z.object({
  id: idSchema,
  project: z.string(),
  process: z.string(),
  robot: z.string(),
  version: z.string(),
  environment: z.string(),
  pool: z.string(),
  state: z.enum(JOB_STATE_NAMES),
  attempt: z.number().int(),
  maxAttempts: z.number().int(),
  epoch: z.number().int(),
  priority: z.number().int(),
  onLost: onLostSchema,
  input: z.unknown(),
  output: z.unknown(),
  error: jobErrorSchema.nullable(),
  progress: z.object({ percent: z.number().nullable(), message: z.string() }).nullable(),
  runner: z.string().nullable(),
  retryOf: idSchema.nullable(),
  createdBy: z.string(),
  createdAt: timeSchema,
  runAt: timeSchema,
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
});

const jobEventSchema = z.object({
  id: idSchema,
  at: timeSchema,
  type: z.enum([
    'enqueued',
    'leased',
    'started',
    'lost',
    'requeued',
    'held',
    'cancel_requested',
    'finished',
    'released',
    'retried',
  ]),
  attempt: z.number().int(),
  epoch: z.number().int(),
  state: z.enum(JOB_STATE_NAMES),
  detail: z.string().nullable(),
});

export const logLineSchema = z.object({
  attempt: z.number().int().min(1),
  /** From 1, without gaps in an attempt. */
  seq: z.number().int().min(1),
  at: timeSchema,
  stream: z.enum(['stdout', 'stderr', 'system']),
  text: z.string().max(8192),
});

export const jobContracts = {
  'jobs.list': {
    query: pageQuery.extend({
      project: nameSchema.optional(),
      process: nameSchema.optional(),
      environment: nameSchema.optional(),
      state: z.enum(JOB_STATE_NAMES).optional(),
    }),
    reply: pageOf(jobSchema),
  },
  'jobs.start': {
    body: z.strictObject({
      project: nameSchema.default('default'),
      process: nameSchema,
      environment: nameSchema.default('dev'),
      input: z.unknown().optional(),
      priority: z.number().int().min(0).max(9).optional(),
    }),
    reply: jobSchema,
  },
  'jobs.show': { params: idParams, reply: jobSchema.extend({ events: z.array(jobEventSchema) }) },
  'jobs.logs': {
    params: idParams,
    query: pageQuery.extend({ attempt: z.coerce.number().int().min(1).optional() }),
    reply: pageOf(logLineSchema),
  },
  // Events named `log` (a log line), `state` (a job) and `end`; Last-Event-ID resumes after a cut.
  'jobs.events': { params: idParams, reply: 'sse' },
  'jobs.why': {
    params: idParams,
    reply: z.object({
      state: z.enum(JOB_STATE_NAMES),
      waiting: z.boolean(),
      reasons: z.array(z.object({ code: z.string(), message: z.string(), fix: z.string() })),
      eligibleRunners: z.number().int(),
      /** Jobs that the pool takes before this one; null when it does not wait. */
      position: z.number().int().nullable(),
    }),
  },
  'jobs.cancel': { params: idParams, reply: jobSchema },
  'jobs.retry': { params: idParams, reply: jobSchema },
} as const;
