/** The schema of the scaling policy: every key is literal, an unknown one is an error, and contradictions say their fix. */
import { z } from 'zod';
import { DAY, HOUR, MINUTE, SECOND } from '../kernel/time.js';
import { duration } from './policy/duration.js';
import type { ScalePolicy } from './policy/policy.js';
import { checkScalePolicy } from './policy/rules.js';

const name = z.string().min(1).max(255);
const share = z.number().gt(0, 'expected a share above 0, such as 0.65').max(1, 'expected a share up to 1');
const span = (least: number, most: number) =>
  duration.refine((ms) => ms >= least && ms <= most, {
    message: `expected ${least / SECOND}s to ${most / SECOND}s`,
  });

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 08:30');
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const week = {
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS]),
  from: clock,
  to: clock.describe('earlier than `from`: into the next day'),
  timezone: name.default('UTC').refine(isTimeZone, 'expected an IANA time zone such as Europe/Madrid'),
};
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const target = z.strictObject({
  asg: name.optional().describe("the stack's asgName by default"),
  ecs: z
    .strictObject({ cluster: name, service: name })
    .optional()
    .describe('a service on Fargate instead of a group of instances'),
  targetGroup: name.optional().describe("ARN; the stack's apiTargetGroupArn by default"),
  dbInstance: name.optional().describe("the stack's dbInstanceId by default"),
});

const bounds = z.strictObject({
  min: z.int().min(1).max(1000).default(2),
  max: z.int().min(1).max(1000).default(6),
  perAz: z.int().min(0).max(100).default(1).describe('never fewer in a zone'),
  maxStepOut: z.int().min(1).max(100).default(4),
  maxStepIn: z.int().min(1).max(100).default(1),
});

const signal = z.strictObject({
  primary: z.enum(['requests', 'cpu']).default('requests'),
  capacityPerInstance: z
    .union([z.literal('auto'), z.number().positive()])
    .default('auto')
    .describe('requests a minute that fill one instance; auto learns it from CPU and requests'),
  targetUtil: share.default(0.65),
  sloUtil: share.default(0.8),
});

const timing = z.strictObject({
  poll: span(10 * SECOND, 15 * MINUTE).prefault('60s'),
  settle: z
    .strictObject({
      alb: span(0, 15 * MINUTE).prefault('60s'),
      ec2: span(0, 15 * MINUTE).prefault('60s'),
      rds: span(0, 15 * MINUTE).prefault('60s'),
    })
    .prefault({})
    .describe('how long after its end a bucket is still being written'),
  boot: z.union([z.literal('auto'), span(1, HOUR)]).default('auto'),
  drain: span(0, 2 * HOUR).prefault('300s'),
  maxAge: span(MINUTE, HOUR).prefault('300s').describe('older data is stale: nothing is scaled in'),
});

const scaleIn = z.strictObject({
  window: span(5 * MINUTE, DAY)
    .prefault('60m')
    .describe('cut only to what this much of the past would have needed'),
  cooldown: span(0, 6 * HOUR).prefault('10m'),
  flapBudget: z
    .strictObject({ actions: z.int().min(1).max(100), per: span(10 * MINUTE, DAY) })
    .prefault({ actions: 8, per: '6h' })
    .describe('most changes of capacity in so long; when spent, nothing is scaled in'),
  freeze: z
    .array(z.union([z.strictObject(week), z.strictObject({ from: instant, to: instant })]))
    .max(20)
    .default([]),
});

const learn = z.strictObject({
  mode: z
    .enum(['on', 'off'])
    .default('on')
    .describe("on: target and window as would have cost least on the group's own past"),
  violationCost: z
    .union([z.literal('auto'), z.number().min(1).max(10_000)])
    .default('auto')
    .describe('instance-minutes that a minute above sloUtil is worth; auto takes it from targetUtil'),
});

const forecast = z.strictObject({
  mode: z.enum(['off', 'trend', 'seasonal']).default('off'),
  band: z.number().min(0).lt(1).default(0.95).describe('share of its own past errors that the margin covers'),
  seasonal: z
    .strictObject({
      period: span(HOUR, 7 * DAY).prefault('1d'),
      days: z.int().min(1).max(7).default(3).describe('periods to look back at'),
      look: span(5 * MINUTE, 2 * HOUR)
        .prefault('30m')
        .describe('how far ahead'),
    })
    .prefault({}),
});

const rails = z.strictObject({
  dbConnFraction: share.default(0.8),
  dbPool: z.int().min(0).max(10_000).default(10).describe('connections in the pool of one instance'),
  dbCpu: share.default(0.85),
  unhealthyStop: z.boolean().default(true),
  drainJobs: z.boolean().default(true),
});

/** `policies/scale.yaml`. */
export const scalePolicySchema = z
  .strictObject({
    version: z.literal(1),
    target: target.prefault({}),
    bounds: bounds.prefault({}),
    signal: signal.prefault({}),
    timing: timing.prefault({}),
    scaleIn: scaleIn.prefault({}),
    learn: learn.prefault({}),
    forecast: forecast.prefault({}),
    credits: z
      .strictObject({
        mode: z
          .enum(['auto', 'off'])
          .default('auto')
          .describe('auto: minds T instances where there are some'),
        minBalance: z.number().min(0).max(10_000).default(20),
      })
      .prefault({}),
    rails: rails.prefault({}),
    native: z
      .strictObject({
        mode: z.enum(['observe', 'floor'], { error: nativeMode }).default('floor'),
      })
      .prefault({})
      .describe(
        "AWS's own target tracking beneath: left alone, or missed in a plan where it is no floor at the SLO",
      ),
    schedule: z
      .array(z.strictObject({ ...week, min: z.int().min(1).max(1000) }))
      .max(20)
      .default([])
      .describe('least instances at hours of the week'),
  })
  .superRefine(checkScalePolicy) satisfies z.ZodType<ScalePolicy>;

// A controller that writes scaling policies by itself would need the right to, and undo what a template says.
function nativeMode({ input }: { readonly input?: unknown }): string | undefined {
  if (input !== 'install') return undefined;
  return 'nothing is installed by a policy: use floor, and run `roc scale apply --native` once, which asks first';
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
