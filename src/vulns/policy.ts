/** The schema of a triage policy; every key is literal and an unknown one is an error. */
import { z } from 'zod';
import { ACTIONS, FIX_STATES, LANES, SEVERITIES, STATES, TOOLS } from './model.js';

const day = z.union([z.number().int().min(0).max(3650), z.null()]);
const severityDays = z.strictObject({
  critical: day,
  high: day,
  medium: day,
  low: day,
  info: day,
  unknown: day,
});
const glob = z.string().min(1).max(300);
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/, 'expected 2026-04-05 or 2026-04-05T12:00:00Z');

export const matchSchema = z
  .strictObject({
    key: glob.optional(),
    cve: glob.optional(),
    package: glob.optional(),
    repo: glob.optional(),
    resource: glob.optional(),
    account: glob.optional(),
    region: glob.optional(),
    control: glob.optional(),
    kind: glob.optional(),
    lane: z.enum(LANES).optional(),
    tool: glob.optional(),
    tags: z.record(z.string(), glob).optional(),
  })
  .refine((match) => Object.keys(match).length > 0, 'a match needs at least one condition');

export const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

export const SUPPRESSION_STATUSES = ['not_affected', 'accepted', 'false_positive', 'fixed'] as const;

export const suppressionSchema = z
  .strictObject({
    id: z.string().min(1).max(100),
    match: matchSchema,
    status: z.enum(SUPPRESSION_STATUSES).default('accepted'),
    justification: z.enum(JUSTIFICATIONS).optional(),
    reason: z.string().trim().min(1, 'a suppression needs a reason').max(2000),
    by: z.string().trim().min(1, 'a suppression needs an author').max(200),
    created: instant,
    expires: instant,
    allowKev: z.boolean().default(false),
  })
  .refine((s) => Date.parse(s.expires) > Date.parse(s.created), 'expires must be later than created')
  .refine((s) => isNarrow(s.match), {
    path: ['match'],
    message:
      'a suppression must name a key, a CVE, a package, a repository, a resource, a control, a kind or a tag, in more than wildcards',
  });

const NARROWING = ['key', 'cve', 'package', 'repo', 'resource', 'control', 'kind'] as const;

// "Everything of this account" or "every CVE" would hide what nobody has seen yet.
function isNarrow(match: z.output<typeof matchSchema>): boolean {
  const says = (pattern: string | undefined): boolean =>
    pattern !== undefined && pattern.replace(/^CVE-?|[*?]/g, '').length >= 2;
  return NARROWING.some((name) => says(match[name])) || Object.values(match.tags ?? {}).some(says);
}

/** A file of suppressions beside the policy. */
export const suppressionsSchema = z.strictObject({
  version: z.literal(1),
  suppress: z.array(suppressionSchema),
});

const gateWhenSchema = z
  .strictObject({
    lane: z.array(z.enum(LANES)).optional(),
    /** This severity or worse. */
    severity: z.enum(SEVERITIES).optional(),
    kev: z.boolean().optional(),
    overdue: z.boolean().optional(),
    fix: z.array(z.enum(FIX_STATES)).optional(),
    state: z.array(z.enum(STATES)).optional(),
    action: z.array(z.enum(ACTIONS)).optional(),
    exposure: z.array(z.enum(['public', 'private', 'unknown'])).optional(),
    scoreAtLeast: z.number().min(0).max(100).optional(),
    coverage: z.literal('missing').optional(),
  })
  .refine((when) => Object.keys(when).length > 0, 'a gate needs at least one condition');

export const gateSchema = z.strictObject({
  name: z.string().min(1).max(100),
  when: gateWhenSchema,
  max: z.number().int().min(0).default(0),
});

export const policySchema = z.strictObject({
  version: z.literal(1),
  table: z.enum(['cisa-bod-26-04', 'cisa-coordinator']),
  sla: z.strictObject({
    apply: z.enum(['missing-inputs', 'earlier-of-both']),
    days: severityDays,
    threat: severityDays,
    config: severityDays,
    pentest: severityDays,
    kevDueDate: z.enum(['ignore', 'cap']),
  }),
  thresholds: z.strictObject({
    epssFloor: z.number().min(0).max(1).nullable(),
    percentileFloor: z.number().min(0).max(1).nullable(),
    unknownExposureAs: z.enum(['public', 'private', 'unknown']),
    mission: z.enum(['low', 'medium', 'high']),
    feedsMaxAgeDays: z.number().min(0).max(3650),
  }),
  severity: z.strictObject({ prefer: z.array(z.enum(TOOLS)) }).default({ prefer: [] }),
  owners: z.array(z.strictObject({ match: matchSchema, owner: z.string().min(1).max(200) })),
  exposure: z.array(z.strictObject({ match: matchSchema, state: z.enum(['public', 'private']) })),
  gates: z.array(gateSchema),
  suppress: z.array(suppressionSchema),
  limits: z.strictObject({
    maxSuppressDays: z.number().int().min(1).max(3650),
    honourSourceSuppression: z.boolean(),
    staleSuppression: z.enum(['warn', 'fail', 'ignore']),
    unread: z.enum(['warn', 'fail']).default('fail'),
  }),
});

/** Assets that the sources do not know: who owns them, and whether the internet reaches them. */
export const assetsSchema = z.strictObject({
  version: z.literal(1),
  assets: z.array(
    z.strictObject({
      match: matchSchema,
      exposure: z.enum(['public', 'private']).optional(),
      owner: z.string().min(1).max(200).optional(),
      mission: z.enum(['low', 'medium', 'high']).optional(),
    }),
  ),
});

/** A decision table: every combination of the inputs appears exactly once. */
export const tableSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string(),
    inputs: z.record(z.string(), z.array(z.string()).min(2)),
    outcomes: z.record(z.string(), z.strictObject({ action: z.enum(ACTIONS), days: day })),
    rows: z.array(z.object({ row: z.number().int(), outcome: z.string() }).catchall(z.string())),
  })
  .superRefine((table, context) => {
    const names = Object.keys(table.inputs);
    const seen = new Set<string>();
    for (const row of table.rows) {
      const values = names.map((name) => String(row[name]));
      const isKnown = values.every((value, i) => table.inputs[names[i] ?? '']?.includes(value));
      if (!isKnown || Object.keys(row).length !== names.length + 2)
        context.addIssue({
          code: 'custom',
          message: `row ${row.row}: its inputs are not those of the table`,
        });
      if (!Object.hasOwn(table.outcomes, row.outcome))
        context.addIssue({ code: 'custom', message: `row ${row.row}: unknown outcome "${row.outcome}"` });
      seen.add(values.join('|'));
    }
    const combinations = Object.values(table.inputs).reduce((n, values) => n * values.length, 1);
    if (seen.size !== combinations || table.rows.length !== combinations)
      context.addIssue({ code: 'custom', message: `expected ${combinations} different rows` });
  });

export type VulnsPolicy = z.output<typeof policySchema>;
export type Match = z.output<typeof matchSchema>;
export type Suppression = z.output<typeof suppressionSchema>;
export type Gate = z.output<typeof gateSchema>;
export type Assets = z.output<typeof assetsSchema>;
export type TableDocument = z.output<typeof tableSchema>;
