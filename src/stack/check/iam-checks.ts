/** Rights: no action by star, every resource only where AWS knows no other, nobody from outside the account. */
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, listOf, ofType, type PolicyStatement, statementsOf } from './read.js';

/** Actions for which AWS knows no resource, or whose callers must list before they know one. */
const WITHOUT_RESOURCE =
  /^(ecr:GetAuthorizationToken|cloudwatch:(PutMetricData|GetMetricData|DescribeAlarms)|ssmmessages:\w+|ec2:Describe(NetworkInterfaces|SecurityGroups|Instances|InstanceCreditSpecifications)|iam:ListRoles|ssm:(UpdateInstanceInformation|ListInstanceAssociations|ListAssociations|UpdateInstanceAssociationStatus)|logs:DescribeLogGroups|(autoscaling|elasticloadbalancing|rds|ecr|application-autoscaling):(Describe|List)\w+|(backup|inspector2|guardduty|securityhub):(List|Get|BatchGet|Describe)\w+)$/;

/** AWS's own policies that a service's documentation demands. */
const DEMANDED =
  /\/(service-role\/(AWSBackupServiceRolePolicyFor(Backup|Restores)|AmazonRDSEnhancedMonitoringRole)|AWSBackupServiceRolePolicyForS3Backup)$/;

export function starActions({ template }: CheckInput): string[] {
  return breaking(policies(template), (statements) =>
    statements.some(
      ({ Effect, Action }) =>
        Effect === 'Allow' && listOf(Action).some((action) => String(action).includes('*')),
    ),
  );
}

/** `Resource: "*"` beside an action that could name one. */
export function starResources({ template }: CheckInput): string[] {
  return breaking(policies(template), (statements) =>
    statements.some(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' &&
        listOf(Resource).includes('*') &&
        listOf(Action).some((action) => !WITHOUT_RESOURCE.test(String(action))),
    ),
  );
}

/** Roles that others than a service may take on, and keys, topics or secrets that everybody may use. */
export function starPrincipals({ template }: CheckInput): string[] {
  const roles = breaking(ofType(template, 'AWS::IAM::Role'), (role) =>
    statementsOf(role['AssumeRolePolicyDocument']).some(
      ({ Principal }) => !('Service' in asRecord(Principal)),
    ),
  );
  const shared = [
    ...ofType(template, 'AWS::KMS::Key').map(([id, key]) => [id, statementsOf(key['KeyPolicy'])] as const),
    ...ofType(template, 'AWS::SNS::TopicPolicy').map(
      ([id, topic]) => [id, statementsOf(topic['PolicyDocument'])] as const,
    ),
  ];
  const open = breaking(shared, (statements) =>
    statements.some(
      ({ Effect, Principal, Condition }) =>
        Effect === 'Allow' &&
        (Principal === '*' || listOf(asRecord(Principal)['AWS']).includes('*')) &&
        !('kms:CallerAccount' in asRecord(asRecord(Condition)['StringEquals'])),
    ),
  );
  const endpoints = breaking(ofType(template, 'AWS::EC2::VPCEndpoint'), (endpoint) => {
    const statements = statementsOf(endpoint['PolicyDocument']);
    return statements.length === 0 || statements.some(isForStrangers);
  });
  return [...roles, ...open, ...endpoints];
}

/** Policies of AWS that grow without anybody here seeing it. */
export function awsPolicies({ template }: CheckInput): string[] {
  return breaking(ofType(template, 'AWS::IAM::Role'), (role) =>
    listOf(role['ManagedPolicyArns']).some((arn) => {
      const text = typeof arn === 'string' ? arn : JSON.stringify(arn);
      return text.includes(':aws:policy/') && !DEMANDED.test(text.replace(/["\]}]+$/, ''));
    }),
  );
}

function isForStrangers({ Principal, Condition, Resource }: PolicyStatement): boolean {
  const isBound = 'aws:PrincipalAccount' in asRecord(asRecord(Condition)['StringEquals']);
  return Principal === '*' && !isBound && listOf(Resource).includes('*');
}

function policies(template: CheckInput['template']): [string, PolicyStatement[]][] {
  const own = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].flatMap((type) => ofType(template, type));
  const inline = ofType(template, 'AWS::IAM::Role').flatMap(([id, role]) =>
    listOf(role['Policies']).map((policy) => [id, asRecord(policy)] as const),
  );
  return [...own, ...inline].map(([id, policy]) => [id, statementsOf(policy['PolicyDocument'])]);
}
