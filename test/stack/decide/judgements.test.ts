import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbiddenChanges, mergeChanges } from '../../../src/stack/decide/changes.js';
import { failedClaims, failedRules } from '../../../src/stack/decide/claims.js';
import { judgeDrift } from '../../../src/stack/decide/drift.js';
import { resolved } from '../../../src/stack/decide/resolve-template.js';
import { rootCause } from '../../../src/stack/decide/root-cause.js';
import { claimedRules } from '../../../src/stack/decide/security-group-rules.js';
import { diffTemplates } from '../../../src/stack/diff.js';
import { typedOutputs } from '../../../src/stack/outputs.js';
import { stackPolicy } from '../../../src/stack/protections.js';
import type { Template } from '../../../src/stack/template.js';

const template = (properties: Record<string, unknown>, type = 'AWS::RDS::DBInstance'): Template => ({
  Resources: { Thing: { Type: type, Properties: properties } },
});

describe('the difference of two templates', () => {
  it.each([
    [{ A: 1 }, { A: 2 }, ['Properties.A: 1 → 2']],
    [{ A: { B: 1, C: 2 } }, { A: { B: 1, C: 3 } }, ['Properties.A.C: 2 → 3']],
    [{ A: { C: 2, B: 1 } }, { A: { B: 1, C: 2 } }, []],
    [{}, { A: 1 }, ['Properties.A: undefined → 1']],
    [{ A: [1, 2] }, { A: [1, 3] }, ['Properties.A.1: 2 → 3']],
    [{ A: [1] }, { A: [1, 3] }, ['Properties.A: [1] → [1,3]']],
    [{ A: { Ref: 'X' } }, { A: { Ref: 'Y' } }, ['Properties.A: {"Ref":"X"} → {"Ref":"Y"}']],
  ])('%j → %j', (before, after, lines) => {
    const found = diffTemplates(template(before), template(after)).get('Thing') ?? [];
    expect(
      found.map((one) => `${one.path}: ${JSON.stringify(one.before)} → ${JSON.stringify(one.after)}`),
    ).toEqual(lines);
  });

  it('of a template with itself is none, whatever is in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (properties) => {
        const copy = JSON.parse(JSON.stringify(template(properties))) as Template;
        expect(diffTemplates(template(properties), copy).size).toBe(0);
      }),
    );
  });

  it('says of metadata and order of making nothing', () => {
    const silent = { Resources: { Thing: { Type: 'T', Metadata: { a: 1 }, DependsOn: ['x'] } } };
    expect(diffTemplates({ Resources: { Thing: { Type: 'T' } } }, silent).size).toBe(0);
  });
});

describe('a change', () => {
  const modify = (replacement: string | null, details: [] = []) => ({
    ...{ action: 'Modify', logicalId: 'Thing', physicalId: 'p', type: 'AWS::RDS::DBInstance' },
    ...{ replacement, policyAction: null, details },
  });
  const before = template({ StorageEncrypted: true });
  const after = template({ StorageEncrypted: false });
  const merged = (replacement: string | null) =>
    mergeChanges([modify(replacement)], diffTemplates(before, after), { before, after })[0];

  it.each([
    ['True', 'always'],
    ['Conditional', 'conditional'],
    ['False', 'never'],
    // An emulator says nothing: the static table does.
    [null, 'always'],
  ])('that AWS calls %s is made anew: %s', (said, expected) => {
    expect(merged(said)?.replacement).toBe(expected);
  });

  it('that loses data is forbidden until it is named', () => {
    const change = merged('Conditional');
    expect(forbiddenChanges(change ? [change] : [], [])).toHaveLength(1);
    expect(forbiddenChanges(change ? [change] : [], ['Thing'])).toHaveLength(0);
    expect(change).toMatchObject({ stateful: true, fate: 'lost' });
  });
});

describe('the first cause', () => {
  const event = (logicalId: string, status: string, reason: string | null, isStack = false) => ({
    ...{ logicalId, type: 'T', status, reason, isStack },
  });
  it('is the first failure that is no consequence', () => {
    const told = [
      event('A', 'CREATE_IN_PROGRESS', null),
      event('B', 'CREATE_FAILED', 'Resource creation cancelled'),
      event(
        'A',
        'CREATE_FAILED',
        'Resource handler returned message: "Bad (thing)" (RequestToken: 1, HandlerErrorCode: X)',
      ),
      event('stack', 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [A, B].', true),
      event('C', 'DELETE_FAILED', 'has dependencies'),
    ];
    expect(rootCause(told)).toMatchObject({ logicalId: 'A', reason: 'Bad (thing)' });
    expect(rootCause(told.slice(0, 1))).toBeNull();
    expect(rootCause(told.slice(0, 2))).toMatchObject({ logicalId: 'B' });
  });

  it.each([
    ['roc-prod-robots already exists in stack', /roc provision import/],
    ['User is not authorized to perform: iam:PassRole', /roc iam policy provision/],
    ['The maximum number of VPCs has been reached: limit exceeded', /Service Quotas/],
    ['Received 0 SUCCESS signal(s) out of 2', /did not become healthy/],
    ['something nobody has seen', /Correct the cause/],
  ])('%s → advice', (reason, advice) => {
    expect(rootCause([event('A', 'CREATE_FAILED', reason)])?.advice).toMatch(advice);
  });
});

describe('drift', () => {
  const drift = (
    path: string,
    expected: string,
    actual: string,
    properties = {},
    type = 'AWS::RDS::DBInstance',
  ) =>
    judgeDrift(
      [
        {
          ...{ logicalId: 'Thing', physicalId: 'p', type, status: 'MODIFIED', expected: properties },
          differences: [{ path, expected, actual, kind: 'NOT_EQUAL' }],
        },
      ],
      [],
    )[0]?.verdict;
  it.each([
    ['a later minor', '/EngineVersion', '8.4.9', '8.4.11', {}, 'managed'],
    ['a minor taken back', '/EngineVersion', '8.4.9', '8.4.3', {}, 'drifted'],
    ['another major', '/EngineVersion', '8.4.9', '9.0.1', {}, 'drifted'],
    ['upgrades are off', '/EngineVersion', '8.4.9', '8.4.11', { AutoMinorVersionUpgrade: false }, 'drifted'],
    ['grown within its bound', '/AllocatedStorage', '200', '250', { MaxAllocatedStorage: 400 }, 'managed'],
    ['grown with no bound', '/AllocatedStorage', '200', '250', {}, 'drifted'],
    ['protection taken off', '/DeletionProtection', 'true', 'false', {}, 'drifted'],
  ])('%s', (_, path, expected, actual, properties, verdict) => {
    expect(drift(path, expected, actual, properties)).toBe(verdict);
  });

  it('what detection leaves out is unknown, never in sync', () => {
    expect(judgeDrift([], [{ logicalId: 'P', physicalId: 'p', type: 'AWS::SSM::Parameter' }])).toMatchObject([
      { logicalId: 'P', verdict: 'unknown' },
    ]);
  });
});

describe('claims', () => {
  it.each([
    ['AWS::RDS::DBInstance', { MultiAZ: true }, { MultiAZ: false }, ['MultiAZ']],
    ['AWS::RDS::DBInstance', { MultiAZ: true }, { MultiAZ: true }, []],
    ['AWS::RDS::DBInstance', {}, { PubliclyAccessible: true }, ['PubliclyAccessible']],
    ['AWS::EC2::Instance', {}, { 'MetadataOptions.HttpTokens': 'optional' }, ['MetadataOptions.HttpTokens']],
    ['AWS::EC2::Instance', {}, { publicAddress: '203.0.113.9' }, ['publicAddress']],
    ['AWS::Logs::LogGroup', { KmsKeyId: undefined }, { KmsKeyId: null }, []],
    [
      'AWS::S3::Bucket',
      { LifecycleConfiguration: { Rules: [1] } },
      { 'LifecycleConfiguration.Rules': 0 },
      ['LifecycleConfiguration.Rules'],
    ],
    [
      'AWS::S3::BucketPolicy',
      { PolicyDocument: { c: 'aws:SecureTransport' } },
      { tlsOnly: false },
      ['tlsOnly'],
    ],
    [
      'AWS::WAFv2::WebACL',
      { Rules: [{ Name: 'a', OverrideAction: { None: {} } }] },
      { rules: ['a'], counting: ['a'] },
      ['counting'],
    ],
    [
      'AWS::RDS::DBInstance',
      { EnableCloudwatchLogsExports: ['b', 'a'] },
      { EnableCloudwatchLogsExports: ['a', 'b'] },
      [],
    ],
    ['AWS::RDS::DBInstance', { KmsKeyId: 'k' }, { KmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k' }, []],
  ])('%s %j against %j', (type, properties, live, failed) => {
    expect(failedClaims(type, properties, live).map(({ claim }) => claim)).toEqual(failed);
  });

  it('rules of a group: what is missing, what is open, inline and apart', () => {
    const groups: Template = {
      Resources: {
        App: {
          Type: 'AWS::EC2::SecurityGroup',
          Properties: {
            SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/8' }],
          },
        },
        Out: {
          Type: 'AWS::EC2::SecurityGroupEgress',
          Properties: {
            GroupId: { 'Fn::GetAtt': ['App', 'GroupId'] },
            ...{
              IpProtocol: 'tcp',
              FromPort: 3306,
              ToPort: 3306,
              DestinationSecurityGroupId: { Ref: 'Unknown' },
            },
          },
        },
        Other: { Type: 'AWS::EC2::SecurityGroupEgress', Properties: { GroupId: { Ref: 'Application' } } },
      },
    };
    const known = {
      account: '1',
      region: 'eu-west-1',
      stackName: 's',
      parameters: {},
      physicalIds: new Map([['App', 'sg-1']]),
    };
    const claimed = claimedRules(groups, 'App', (value) => resolved(value, groups, known));
    expect(claimed).toEqual({ ingress: ['tcp 443 10.0.0.0/8'], egress: ['tcp 3306 ?'] });
    expect(failedRules(claimed, { ingress: ['tcp 443 10.0.0.0/8'], egress: ['tcp 3306 sg-9'] })).toEqual([]);
    expect(failedRules(claimed, { ingress: ['tcp 22 0.0.0.0/0'], egress: ['all all 0.0.0.0/0'] })).toEqual([
      { claim: 'ingress tcp 443 10.0.0.0/8', expected: 'there', actual: 'missing' },
      { claim: 'ingress tcp 22 0.0.0.0/0', expected: 'not there', actual: 'open' },
      { claim: 'egress tcp 3306 ?', expected: 'there', actual: 'missing' },
      { claim: 'egress all all 0.0.0.0/0', expected: 'not there', actual: 'open' },
    ]);
  });

  it('values of a template: what follows from ids is filled in, what only AWS knows is nothing', () => {
    const made: Template = { Resources: { B: { Type: 'AWS::S3::Bucket' }, K: { Type: 'AWS::KMS::Key' } } };
    const known = {
      ...{ account: '111122223333', region: 'eu-west-1', stackName: 's', parameters: { P: 'p' } },
      physicalIds: new Map([
        ['B', 'robots'],
        ['K', 'k-1'],
      ]),
    };
    const value = (of: unknown) => resolved(of, made, known);
    expect(value({ Ref: 'B' })).toBe('robots');
    expect(value({ Ref: 'P' })).toBe('p');
    expect(value({ 'Fn::GetAtt': ['B', 'Arn'] })).toBe('arn:aws:s3:::robots');
    expect(value({ 'Fn::GetAtt': ['K', 'Arn'] })).toBe('arn:aws:kms:eu-west-1:111122223333:key/k-1');
    expect(value({ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] })).toBe('a-eu-west-1');
    const hole = (name: string) => ['$', '{', name, '}'].join('');
    expect(value({ 'Fn::Sub': `${hole('B')}/${hole('K.Arn')}` })).toBe(
      'robots/arn:aws:kms:eu-west-1:111122223333:key/k-1',
    );
    expect(value({ 'Fn::GetAtt': ['B', 'Strange'] })).toBeUndefined();
    expect(value({ 'Fn::Join': ['-', [{ Ref: 'Nobody' }]] })).toBeUndefined();
    expect(value({ 'Fn::Select': [0, []] })).toBeUndefined();
  });
});

describe('outputs and protections', () => {
  it('have exactly the promised keys, typed', () => {
    const outputs = typedOutputs(
      { vpcId: 'vpc-1', dbPort: '3306', privateSubnetIds: 'a,b', url: '', strange: 'x' },
      { account: '1', region: 'r' },
    );
    expect(outputs).toMatchObject({ vpcId: 'vpc-1', dbPort: 3306, privateSubnetIds: ['a', 'b'], url: null });
    expect(Object.keys(outputs)).toHaveLength(26);
    expect(outputs).not.toHaveProperty('strange');
  });

  it('the stack policy denies replacing what is stateful, save what is named', () => {
    const two: Template = { Resources: { B: { Type: 'AWS::S3::Bucket' }, T: { Type: 'AWS::SNS::Topic' } } };
    expect(JSON.stringify(stackPolicy(two))).toContain('"Resource":["LogicalResourceId/B"]');
    expect(JSON.stringify(stackPolicy(two, ['B']))).not.toContain('Deny');
  });
});
