import { describe, expect, it } from 'vitest';
import { CHECKS, diagnose } from '../../src/bastion/doctor/diagnose.js';
import { unreachableError } from '../../src/bastion/doctor/doctor.js';
import type {
  DoctorFacts,
  Endpoint,
  InstanceFacts,
  NetworkFacts,
  Rule,
} from '../../src/bastion/doctor/facts.js';
import { aclAllows, cidrHolds } from '../../src/bastion/doctor/rules.js';

const NOW = Date.UTC(2026, 10, 1);
const value = <T>(it: T) => ({ known: true, value: it }) as const;
const allow = (rule: Partial<Rule>): Rule => ({
  protocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  cidrs: [],
  groups: [],
  prefixLists: [],
  ...rule,
});
const ANYWHERE = allow({ protocol: '-1', fromPort: 0, toPort: 65_535, cidrs: ['0.0.0.0/0'] });
const acl = (isEgress: boolean, isAllow = true, number = 100) => ({
  number,
  isEgress,
  isAllow,
  protocol: '-1',
  cidr: '0.0.0.0/0',
  fromPort: 0,
  toPort: 65_535,
});
const instance: InstanceFacts = {
  state: 'running',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  privateIp: '10.0.1.10',
  publicIp: null,
  securityGroupIds: ['sg-instance'],
  profileArn: 'arn:aws:iam::123456789012:instance-profile/bastion',
  metadata: { endpoint: 'enabled', tokens: 'required', hopLimit: 2 },
};
const network: NetworkFacts = {
  vpcCidrs: ['10.0.0.0/16'],
  dnsSupport: true,
  dnsHostnames: true,
  defaultRoute: { target: 'nat-1', state: 'active' },
  endpoints: [],
  securityGroups: [{ id: 'sg-instance', ingress: [], egress: [ANYWHERE] }],
  aclEntries: [acl(true), acl(false)],
};
const managed = {
  ping: 'Online',
  lastPingAt: NOW - 60_000,
  agentVersion: '3.3.987.0',
  platformName: 'Amazon Linux',
  platformVersion: '2023',
};
const endpoint = (service: string, more: Partial<Endpoint> = {}): Endpoint => ({
  id: `vpce-${service}`,
  service,
  state: 'available',
  privateDns: true,
  subnetIds: ['subnet-1'],
  securityGroupIds: ['sg-endpoint'],
  policy: '{"Statement":[{"Effect":"Allow","Action":"*","Principal":"*","Resource":"*"}]}',
  ...more,
});
const enclosed: NetworkFacts = {
  ...network,
  defaultRoute: null,
  endpoints: [endpoint('ssm'), endpoint('ssmmessages')],
  securityGroups: [
    { id: 'sg-instance', ingress: [], egress: [allow({ groups: ['sg-endpoint'] })] },
    { id: 'sg-endpoint', ingress: [allow({ groups: ['sg-instance'] })], egress: [] },
  ],
};
const preferences = {
  idleMinutes: 20,
  maxMinutes: null,
  runAsUser: null,
  kmsKeyId: null,
  kmsKeyState: null,
  s3Bucket: null,
  logGroup: null,
};
const database = {
  id: 'orders',
  status: 'available',
  endpoint: 'orders.abc.eu-west-1.rds.amazonaws.com',
  port: 3306,
  iamAuth: true,
  securityGroups: [
    { id: 'sg-db', ingress: [allow({ fromPort: 3306, toPort: 3306, groups: ['sg-instance'] })], egress: [] },
  ],
};

const healthy: DoctorFacts = {
  now: NOW,
  target: 'i-0123456789abcdef0',
  region: 'eu-west-1',
  caller: value({
    arn: 'arn:aws:iam::123456789012:user/ana',
    account: '123456789012',
    expiresAt: null,
    clockSkew: 300,
  }),
  permissions: value([{ action: 'ssm:StartSession', resource: '*', isAllowed: true, deniedBy: null }]),
  probes: [{ host: 'ssm.eu-west-1.amazonaws.com', port: 443, error: null }],
  proxyVariables: [],
  instance: value(instance),
  managed: value(managed),
  connection: value('connected'),
  role: value({ arn: 'arn:aws:iam::123456789012:role/bastion', permissions: [] }),
  hostManagement: value(null),
  network: value(network),
  preferences: value(preferences),
  database: value(database),
  recentErrors: value([]),
  activeSessions: value(0),
};

const verdictOf = (facts: DoctorFacts, id: string) => diagnose(facts).find((check) => check.id === id);
const at = (more: Partial<InstanceFacts>) => ({ instance: value({ ...instance, ...more }) });
const net = (more: Partial<NetworkFacts>, base = network) => ({ network: value({ ...base, ...more }) });

type Row = [
  id: string,
  verdict: 'fail' | 'warn',
  what: string,
  change: Partial<DoctorFacts>,
  evidence: RegExp,
];

const BROKEN: Row[] = [
  [
    'caller-credentials',
    'fail',
    'expired',
    { caller: value({ arn: 'a', account: '1', expiresAt: NOW - 1000, clockSkew: 0 }) },
    /expired/,
  ],
  [
    'caller-credentials',
    'warn',
    'nearly expired',
    { caller: value({ arn: 'a', account: '1', expiresAt: NOW + 60_000, clockSkew: 0 }) },
    /expire in/,
  ],
  [
    'caller-clock',
    'fail',
    'a wrong clock',
    { caller: value({ arn: 'a', account: '1', expiresAt: null, clockSkew: 400_000 }) },
    /6m 40s off/,
  ],
  [
    'caller-permissions',
    'fail',
    'no permission',
    {
      permissions: value([
        { action: 'ssm:StartSession', resource: 'r', isAllowed: false, deniedBy: 'an explicit deny' },
      ]),
    },
    /may not ssm:StartSession on r \(an explicit deny\)/,
  ],
  [
    'reach-api',
    'fail',
    'a closed port',
    { probes: [{ host: 'ssm', port: 443, error: 'ETIMEDOUT' }] },
    /ssm:443: ETIMEDOUT/,
  ],
  ['proxy', 'warn', 'a proxy', { proxyVariables: ['HTTPS_PROXY'] }, /HTTPS_PROXY/],
  [
    'recent-errors',
    'warn',
    'failed before',
    { recentErrors: value([{ at: NOW, code: 'AccessDenied', message: 'no' }]) },
    /AccessDenied: no/,
  ],
  ['instance-running', 'fail', 'stopped', at({ state: 'stopped' }), /stopped/],
  ['instance-running', 'fail', 'no such instance', { instance: value(null) }, /no instance/],
  ['agent-registered', 'fail', 'never registered', { managed: value(null) }, /never heard/],
  [
    'agent-online',
    'fail',
    'a lost connection',
    { managed: value({ ...managed, ping: 'ConnectionLost' }) },
    /ConnectionLost/,
  ],
  [
    'agent-silence',
    'warn',
    'a silent agent',
    { managed: value({ ...managed, lastPingAt: NOW - 3_600_000 }) },
    /no ping for 1h/,
  ],
  ['connection-status', 'fail', 'no control channel', { connection: value('notconnected') }, /notconnected/],
  [
    'agent-version',
    'fail',
    'an ancient agent',
    { managed: value({ ...managed, agentVersion: '2.2.0.0' }) },
    /sessions at all/,
  ],
  [
    'agent-version',
    'warn',
    'an old agent',
    { managed: value({ ...managed, agentVersion: '3.0.100.0' }) },
    /many connections/,
  ],
  [
    'operating-system',
    'warn',
    'Amazon Linux 2',
    { managed: value({ ...managed, platformVersion: '2' }) },
    /support ended on 2026-06-30/,
  ],
  ['instance-profile', 'fail', 'no profile', at({ profileArn: null }), /no instance profile/],
  [
    'instance-profile',
    'fail',
    'host management and an old agent',
    {
      ...at({ profileArn: null }),
      hostManagement: value('role'),
      managed: value({ ...managed, agentVersion: '3.1.0.0' }),
    },
    /needs agent 3\.2\.582/,
  ],
  [
    'instance-profile',
    'fail',
    'host management and no metadata',
    {
      ...at({ profileArn: null, metadata: { endpoint: 'disabled', tokens: 'required', hopLimit: 1 } }),
      hostManagement: value('role'),
    },
    /needs IMDSv2/,
  ],
  [
    'role-permissions',
    'fail',
    'a poor role',
    {
      role: value({
        arn: 'role',
        permissions: [
          { action: 'ssmmessages:OpenDataChannel', resource: '*', isAllowed: false, deniedBy: null },
        ],
      }),
    },
    /role may not ssmmessages/,
  ],
  [
    'metadata-service',
    'fail',
    'metadata off',
    at({ metadata: { endpoint: 'disabled', tokens: 'optional', hopLimit: 1 } }),
    /off/,
  ],
  [
    'metadata-service',
    'warn',
    'one hop',
    at({ metadata: { endpoint: 'enabled', tokens: 'required', hopLimit: 1 } }),
    /hop limit of 1/,
  ],
  [
    'preferences',
    'warn',
    'a run-as user',
    { preferences: value({ ...preferences, runAsUser: 'ops' }) },
    /runs as ops/,
  ],
  [
    'encryption-key',
    'fail',
    'a disabled key',
    { preferences: value({ ...preferences, kmsKeyId: 'key', kmsKeyState: 'Disabled' }) },
    /key is Disabled/,
  ],
  [
    'encryption-key',
    'fail',
    'a key that is gone',
    { preferences: value({ ...preferences, kmsKeyId: 'key' }) },
    /not to be found/,
  ],
  ['route', 'fail', 'no way out', net({ defaultRoute: null }), /no default route.*ssm, ssmmessages/],
  [
    'route',
    'fail',
    'a black hole',
    net({ defaultRoute: { target: 'nat-1', state: 'blackhole' } }),
    /blackhole/,
  ],
  [
    'route',
    'fail',
    'no public address',
    net({ defaultRoute: { target: 'igw-1', state: 'active' } }),
    /no public address/,
  ],
  [
    'route',
    'fail',
    'ec2messages missing for an old agent',
    { ...net({}, enclosed), managed: value({ ...managed, agentVersion: '3.2.0.0' }) },
    /ec2messages/,
  ],
  [
    'endpoint-dns',
    'fail',
    'no private DNS',
    net({ endpoints: [endpoint('ssm', { privateDns: false })] }, enclosed),
    /no private DNS on ssm/,
  ],
  ['endpoint-dns', 'fail', 'no DNS in the VPC', net({ dnsHostnames: false }, enclosed), /off in the VPC/],
  [
    'endpoint-state',
    'fail',
    'a pending endpoint',
    net({ endpoints: [endpoint('ssm', { state: 'pending' })] }, enclosed),
    /pending/,
  ],
  [
    'endpoint-security-group',
    'fail',
    'a shut endpoint',
    net({ securityGroups: [{ id: 'sg-endpoint', ingress: [], egress: [] }] }, enclosed),
    /not let in by ssm/,
  ],
  [
    'endpoint-policy',
    'warn',
    'a narrow policy',
    net({ endpoints: [endpoint('ssm', { policy: '{"Statement":[]}' })] }, enclosed),
    /policy of its own/,
  ],
  [
    'egress',
    'fail',
    'no egress',
    net({ securityGroups: [{ id: 'sg-instance', ingress: [], egress: [] }] }),
    /no security group/,
  ],
  [
    'egress',
    'warn',
    'egress elsewhere',
    net({
      securityGroups: [{ id: 'sg-instance', ingress: [], egress: [allow({ cidrs: ['192.168.0.0/16'] })] }],
    }),
    /some addresses only/,
  ],
  [
    'network-acl',
    'fail',
    'an ACL that holds requests',
    net({ aclEntries: [acl(false)] }),
    /holds back TCP 443/,
  ],
  [
    'network-acl',
    'fail',
    'an ACL that holds answers',
    net({ aclEntries: [acl(true), acl(false, false, 50), acl(false)] }),
    /holds back the answers/,
  ],
  [
    'log-endpoints',
    'fail',
    'a log without a way',
    { ...net({}, enclosed), preferences: value({ ...preferences, logGroup: '/ssm' }) },
    /need logs/,
  ],
  [
    'database-status',
    'fail',
    'a stopped database',
    { database: value({ ...database, status: 'stopped' }) },
    /stopped/,
  ],
  [
    'database-security-group',
    'fail',
    'a shut database',
    { database: value({ ...database, securityGroups: [] }) },
    /does not let 3306 in/,
  ],
  ['database-iam', 'warn', 'no IAM', { database: value({ ...database, iamAuth: false }) }, /no IAM/],
  [
    'database-status',
    'fail',
    'a database that is not there',
    { database: value({ ...database, status: 'absent' }) },
    /RDS has no instance or cluster/,
  ],
  [
    'caller-identity',
    'fail',
    'credentials that have expired',
    { caller: { known: false, why: 'sts:GetCallerIdentity: the AWS credentials have expired' } },
    /have expired/,
  ],
];

describe('the doctor', () => {
  it('finds nothing wrong with a healthy instance', () => {
    const bad = diagnose(healthy).filter(({ verdict }) => verdict !== 'pass' && verdict !== 'notApplicable');
    expect(bad).toEqual([]);
  });

  it('finds nothing wrong with one that has only endpoints', () => {
    const bad = diagnose({ ...healthy, ...net({}, enclosed) }).filter(
      ({ verdict }) => verdict === 'fail' || verdict === 'warn',
    );
    expect(bad).toEqual([]);
  });

  it.each(BROKEN)('%s: %s on %s', (id, verdict, _, change, evidence) => {
    const finding = verdictOf({ ...healthy, ...change }, id);
    expect(finding).toMatchObject({ verdict, evidence: expect.stringMatching(evidence) });
    expect(finding?.fix).not.toBe('');
  });

  it('has a broken case for every check that can fail', () => {
    const covered = new Set(BROKEN.map(([id]) => id));
    const never = ['active-sessions'];
    expect(CHECKS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual(never);
  });

  it('says unknown, and why, where AWS would not tell', () => {
    const refused = { known: false, why: 'iam:SimulatePrincipalPolicy: AWS refused it' } as const;
    expect(verdictOf({ ...healthy, permissions: refused }, 'caller-permissions')).toMatchObject({
      verdict: 'unknown',
      evidence: refused.why,
    });
  });

  it('says in one error what is wrong, and the first thing to do', () => {
    const checks = diagnose({ ...healthy, ...at({ state: 'stopped' }), connection: value('notconnected') });
    expect(unreachableError(healthy.target, checks, null)).toMatchObject({
      code: 'ROC_UNREACHABLE',
      message: expect.stringMatching(/is stopped \(instance-running\); .*notconnected/),
      hint: expect.stringMatching(/start-instances/),
    });
    expect(unreachableError(healthy.target, diagnose(healthy), null).message).toMatch(/no check says why/);
  });
});

describe('addresses and rules', () => {
  it.each([
    ['10.0.0.0/16', '10.0.255.1', true],
    ['10.0.0.0/16', '10.1.0.1', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['10.0.1.10/32', '10.0.1.10', true],
    ['10.0.1.10/32', '10.0.1.11', false],
    ['nonsense', '10.0.1.11', false],
  ])('%s holds %s: %s', (cidr, ip, holds) => expect(cidrHolds(cidr, ip)).toBe(holds));

  it('the lowest ACL entry that matches decides', () => {
    const entries = [acl(true, true, 200), acl(true, false, 100)];
    expect(aclAllows(entries, true, 443, '1.2.3.4')).toBe(false);
    expect(aclAllows([], true, 443, '1.2.3.4')).toBe(false);
  });
});
