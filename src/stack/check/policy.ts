/** The policy of the stack's posture: rules as data, what an environment may not go under, and exceptions with an end. */
import { z } from 'zod';

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

const day = z.iso.date().describe('YYYY-MM-DD');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const expectation = z
  .strictObject({
    path: z.string().min(1).describe('dots lead inward, [] means each of a list'),
    is: scalar.optional(),
    oneOf: z.array(scalar).min(1).optional(),
    present: z.literal(true).optional(),
    absent: z.literal(true).optional(),
    atLeast: z.number().optional(),
    matches: z.string().optional().describe('regular expression'),
  })
  .refine(
    ({ path: _path, ...rest }) => Object.values(rest).filter((value) => value !== undefined).length === 1,
    'expected exactly one of is, oneOf, present, absent, atLeast, matches',
  );

const rule = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    severity: z.enum(SEVERITIES),
    on: z.string().optional().describe('the type of the resources that are judged'),
    where: expectation.optional().describe('judge only those that meet this'),
    expect: expectation.optional(),
    requires: z.string().optional().describe('a type of which the stack must have at least one'),
    check: z.string().optional().describe('a rule that is a program'),
    when: z
      .strictObject({
        env: z.array(z.enum(['prod', 'staging', 'dev'])).optional(),
        compute: z.enum(['ec2', 'ecs']).optional(),
      })
      .optional(),
    why: z.string().min(10),
    fix: z.string().min(5),
  })
  .refine(
    ({ expect, on, requires, check }) =>
      [expect, requires, check].filter((part) => part !== undefined).length === 1 &&
      (expect === undefined) === (on === undefined),
    'expected on with expect, or requires, or check',
  );

const waiver = z.strictObject({
  rule: z.string().min(3).describe('id of a rule, also of cdk-nag'),
  details: z.array(z.string()).optional().describe('what stands in brackets after the id; * is any text'),
  resources: z.array(z.string()).min(1).describe('logical ids; * is any text'),
  when: z
    .strictObject({
      env: z.array(z.enum(['prod', 'staging', 'dev'])).optional(),
      compute: z.enum(['ec2', 'ecs']).optional(),
      exposure: z.enum(['public', 'allowlist', 'internal']).optional(),
    })
    .optional(),
  reason: z.string().min(20),
  expires: day,
});

const minimum = z.strictObject({
  dbRetentionDays: z.int().min(1),
  backupDailyDays: z.int().min(1),
  logDays: z.int().min(1),
});

/** `policies/stack.yaml`. */
export const stackPolicySchema = z.strictObject({
  version: z.literal(1),
  minimums: z.strictObject({ prod: minimum, staging: minimum, dev: minimum }),
  engines: z
    .array(z.strictObject({ series: z.string(), supportEnds: day, source: z.string() }))
    .describe('MySQL series and the day their standard support ends'),
  packs: z.array(z.enum(['aws-solutions', 'nist-800-53-r5'])).describe('rule packs of cdk-nag'),
  rules: z.array(rule),
  waivers: z.array(waiver),
});

export type StackPolicy = z.output<typeof stackPolicySchema>;
export type PostureRule = z.output<typeof rule>;
export type Expectation = z.output<typeof expectation>;
export type Waiver = z.output<typeof waiver>;
export type Severity = (typeof SEVERITIES)[number];
