/** The shape of the `stack` section of roc.yaml: what a person says; settings.ts fills in what was left out. */
import { z } from 'zod';
import { parseNetwork } from './cidr.js';

const network = (about: string) =>
  z
    .string()
    .refine((text) => parseNetwork(text) !== null, `expected a network such as 10.40.0.0/16`)
    .describe(about);

/** What reaches out of AWS; without NAT it does not work, so asking for it with `mode: endpoints` is refused. */
export const INTERNET_FEATURES = {
  oidc: 'sign-in at an identity provider outside AWS',
  webhooks: 'calls to the hooks of others',
  smtp: 'mail through a server outside AWS',
  feeds: 'KEV, EPSS and SSVC feeds of `roc vulns` (bring them as files instead)',
} as const;

export type InternetFeature = keyof typeof INTERNET_FEATURES;

const PORT = z.int().min(1).max(65_535);

const file = (about: string) => z.string().min(1).describe(about);

const destination = z.strictObject({
  cidr: network('where to'),
  port: PORT.default(443),
  why: z.string().min(3).max(200).describe('written into the rule'),
});

export const stackShape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,20}$/, 'expected 2 to 21 of a-z, 0-9 and -, a letter first')
    .default('roc')
    .describe('with env the name of everything: roc-prod'),
  env: z
    .enum(['prod', 'staging', 'dev'])
    .default('prod')
    .describe('decides the defaults: size, protection, retention'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'expected the 12 digits of an AWS account, in quotes')
    .optional()
    .describe('a plan with credentials of another account is refused'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as eu-west-1')
    .optional()
    .describe('a plan in another region is refused'),
  compute: z
    .enum(['ec2', 'ecs'])
    .default('ec2')
    .describe('instances, or Fargate behind an internal balancer'),
  exposure: z
    .enum(['public', 'allowlist', 'internal'])
    .optional()
    .describe('who reaches the balancer: everybody, corporateCidrs, or those by private ways only'),
  corporateCidrs: z
    .array(network('a network'))
    .max(50)
    .default([])
    .describe("the company's networks, the only ones let in unless exposure is public"),
  vpc: z
    .strictObject({
      cidr: network('a private network of /16 to /22').default('10.40.0.0/16'),
      connected: z
        .array(network('a network'))
        .default([])
        .describe('networks joined by VPN or peering, which the VPC may not overlap'),
    })
    .prefault({}),
  egress: z
    .strictObject({
      mode: z
        .enum(['endpoints', 'nat', 'both'])
        .default('endpoints')
        .describe('endpoints reach AWS alone; nat and both reach egress.domains too'),
      domains: z
        .array(z.string().regex(/^(\*|(\*\.)?([a-z0-9-]+\.)+[a-z]{2,})$/, 'expected a domain or *.domain'))
        .default([])
        .describe('the only names outside AWS that resolve; ["*"] is everything'),
      needs: z
        .array(z.enum(Object.keys(INTERNET_FEATURES) as [InternetFeature, ...InternetFeature[]]))
        .default([])
        .describe('features that reach out of AWS'),
      zones: z.int().min(1).max(2).optional().describe('zones that have endpoints and NAT of their own'),
    })
    .prefault({}),
  domain: z
    .strictObject({
      name: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'expected a name such as roc.example.com'),
      zoneId: z
        .string()
        .regex(/^Z[A-Z0-9]+$/)
        .optional()
        .describe('Route 53 zone; makes certificate and record'),
      certificateArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:acm:/, 'expected the ARN of an ACM certificate')
        .optional(),
    })
    .optional()
    .describe('name that people use; its certificate is made in zoneId, or is certificateArn'),
  tlsPolicy: z
    .enum([
      'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      'ELBSecurityPolicy-TLS13-1-3-2021-06',
    ])
    .default('ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09')
    .describe('what the balancer speaks; TLS 1.2 or later in each'),
  app: z
    .strictObject({
      version: z
        .string()
        .regex(/^[\w][\w.-]{0,127}$/)
        .optional()
        .describe("image tag; roc's own version"),
      image: z
        .string()
        .regex(
          /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/[a-z0-9._/-]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
          'expected an image of ECR with its tag or digest',
        )
        .optional()
        .describe("another image than the stack's own repository has, as for the first apply"),
      instanceType: z.string().default('t3.small'),
      min: z.int().min(1).max(50).optional(),
      max: z.int().min(1).max(100).optional(),
      cpu: z.enum(['512', '1024', '2048', '4096']).default('1024').describe('of a Fargate task'),
      memory: z.int().min(1024).max(30_720).default(2048).describe('MiB of a Fargate task'),
    })
    .prefault({}),
  db: z
    .strictObject({
      engineVersion: z
        .string()
        .regex(/^\d+\.\d+\.\d+$/, 'expected a full version such as 8.4.9')
        .default('8.4.9')
        .describe('MySQL'),
      instanceClass: z
        .string()
        .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/)
        .optional(),
      storageGb: z.int().min(20).max(65_536).optional(),
      multiAz: z.boolean().optional(),
      port: PORT.default(3306),
      retentionDays: z.int().min(1).max(35).optional().describe('of point-in-time recovery'),
    })
    .prefault({}),
  backup: z
    .strictObject({
      dailyDays: z.int().min(1).max(3650).optional().describe('how long daily snapshots stay'),
      monthlyDays: z.int().min(1).max(3650).optional(),
      copyRegion: z
        .string()
        .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
        .optional()
        .describe('where copies go, into the vault that `roc provision account` makes'),
      lock: z.boolean().optional().describe('a governance lock on the vault'),
    })
    .prefault({}),
  waf: z
    .strictObject({
      mode: z.enum(['block', 'count']).optional(),
      requestsPerAddress: z
        .int()
        .min(100)
        .max(2_000_000)
        .default(3000)
        .describe('in 5 minutes, not of runners'),
      requestsPerRunner: z.int().min(100).max(100_000).default(3000).describe('in 5 minutes, by credential'),
      runnersPerAddress: z.int().min(10).max(100_000).default(1000).describe('that may share an office'),
      blockFindings: z.boolean().default(false).describe('addresses of high GuardDuty findings are blocked'),
    })
    .prefault({}),
  bastion: z
    .strictObject({
      enabled: z.boolean().default(true),
      instanceType: z.string().default('t4g.nano'),
      database: z.boolean().optional().describe('whether it reaches the database'),
      egress: z.array(destination).max(20).default([]).describe('what else it reaches'),
      idleMinutes: z.int().min(1).max(60).default(15),
    })
    .prefault({}),
  ops: z
    .strictObject({
      enabled: z.boolean().default(true).describe('the host that does the duties'),
      instanceType: z.string().default('t3.small').describe('runs the same image as the servers'),
      duties: z
        .array(z.enum(['scale-watch', 'backup-verify', 'backup-sweep', 'vulns-report']))
        .default(['scale-watch', 'backup-verify', 'backup-sweep', 'vulns-report']),
      backup: z
        .strictObject({
          policy: file("policy of the restore tests, from roc.yaml on; roc's own by default").optional(),
          verify: z
            .array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected the id of an asset'))
            .min(1)
            .optional()
            .describe('assets of that policy that are tested; all of it by default'),
          files: z.array(file('a file that the policy names, such as a key of the audit')).default([]),
        })
        .prefault({}),
      vulns: z
        .strictObject({
          policy: file("policy of the triage; roc's own by default").optional(),
          assets: file('who owns what and what faces the internet').optional(),
          suppressions: z.array(file('a file of suppressions')).default([]),
          failOn: z
            .array(z.string().min(1))
            .default([])
            .describe('conditions that are told as a failed duty'),
        })
        .prefault({}),
      scale: z
        .strictObject({ policy: file("policy of the scaling; roc's own by default").optional() })
        .prefault({}),
    })
    .prefault({}),
  alarms: z
    .strictObject({ emails: z.array(z.email()).max(20).default([]).describe('who is told') })
    .prefault({}),
  logs: z
    .strictObject({ retentionDays: z.literal([1, 7, 30, 90, 180, 365, 400, 731, 1827]).optional() })
    .prefault({}),
  tags: z.record(z.string().max(128), z.string().max(256)).default({}),
});

export type StackConfig = z.output<typeof stackShape>;
