/** CloudFormation's operations on the fake's stacks, each refusing what AWS refuses in AWS's words. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';
import { changesBetween, type FakeChange } from './change-set.js';
import { driftHandlers } from './drift.js';
import { bringBack, deleteAll, deploy, formerOf, noteStack, type World } from './operations.js';
import type { FakeChangeSet, FakeStack, StackPolicy } from './stack.js';
import { type FakeTemplate, makingOrder, parseLargeTemplate, parseTemplate } from './template.js';

export interface Cloud extends World {
  readonly stacks: Map<string, FakeStack>;
  readonly changeSets: Map<string, FakeChangeSet>;
  /** Objects that templates are read from, by URL. */
  readonly objects: Map<string, string>;
  readonly region: string;
  readonly account: string;
  /** Steps that each look at events or stacks lets happen; 0 stands still. */
  stepsPerLook: number;
  /** Looks before a change set is made. */
  changeSetLooks: number;
  /** Whether the registry has the image of the servers. */
  isPushed: boolean;
  /** By logical id: what was changed behind the stack's back. */
  readonly drift: Map<string, { status: 'MODIFIED' | 'DELETED'; actual?: Record<string, unknown> }>;
  readonly driftLooks: Map<string, number>;
}

type Input = Record<string, never>;

const BUSY = /_IN_PROGRESS$/;
const READY = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'UPDATE_FAILED',
];

export function cloudFormationHandlers(cloud: Cloud): FakeHandlers {
  return {
    ...changeSetHandlers(cloud),
    ...stackHandlers(cloud),
    ...driftHandlers(cloud, (name) => findStack(cloud, name)),
  };
}

function findStack(cloud: Cloud, nameOrId: string): FakeStack {
  const byId = cloud.stacks.get(nameOrId);
  const stack =
    byId ??
    [...cloud.stacks.values()].find(({ name, deletedAt }) => name === nameOrId && deletedAt === undefined);
  if (stack === undefined) throw new AwsFault('ValidationError', `Stack with id ${nameOrId} does not exist`);
  return stack;
}

/** Lets the running operation go on. */
function look(cloud: Cloud, stack: FakeStack): void {
  for (let i = 0; i < cloud.stepsPerLook && stack.steps !== null; i++)
    if (stack.steps.next().done) stack.steps = null;
}

function changeSetHandlers(cloud: Cloud): FakeHandlers {
  return {
    'cloudformation:CreateChangeSet': (input: Input) => {
      const request = input as unknown as Record<string, string>;
      const type = (request['ChangeSetType'] ?? 'UPDATE') as FakeChangeSet['type'];
      const given = templateOf(cloud, input as unknown as Record<string, unknown>);
      const stack = stackForChangeSet(cloud, request['StackName'] ?? '', type);
      const name = request['ChangeSetName'] ?? '';
      const same = [...cloud.changeSets.values()].find(
        (one) => one.stackId === stack.id && one.name === name,
      );
      if (same !== undefined) {
        if (same.token === request['ClientToken']) return { Id: same.arn, StackId: stack.id };
        throw new AwsFault('AlreadyExistsException', `ChangeSet ${name} already exists`);
      }
      const changeSet = newChangeSet(cloud, stack, input as unknown as Record<string, unknown>, type, given);
      cloud.changeSets.set(changeSet.arn, changeSet);
      if (stack.status === 'REVIEW_IN_PROGRESS') stack.changeSetId = changeSet.arn;
      return { Id: changeSet.arn, StackId: stack.id };
    },
    'cloudformation:DescribeChangeSet': (input: Input) => {
      const changeSet = findChangeSet(cloud, input);
      const stack = cloud.stacks.get(changeSet.stackId)!;
      if (changeSet.status === 'CREATE_IN_PROGRESS' && changeSet.pendingLooks-- <= 0)
        settle(stack, changeSet);
      const at = Number(input['NextToken'] ?? 0);
      const page = changeSet.changes.slice(at, at + 20);
      return {
        ChangeSetName: changeSet.name,
        ChangeSetId: changeSet.arn,
        StackId: changeSet.stackId,
        StackName: stack.name,
        Description: changeSet.description,
        Status: changeSet.status,
        StatusReason: changeSet.reason,
        ExecutionStatus: changeSet.executionStatus,
        CreationTime: stack.createdAt,
        Changes: page.map((change) =>
          changeReply(stack, change, String(input['IncludePropertyValues']) === 'true'),
        ),
        NextToken: at + 20 < changeSet.changes.length ? String(at + 20) : undefined,
      };
    },
    'cloudformation:ListChangeSets': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      return {
        Summaries: [...cloud.changeSets.values()]
          .filter(({ stackId }) => stackId === stack.id)
          .map(({ arn, name, status, executionStatus }) => ({
            ChangeSetId: arn,
            ChangeSetName: name,
            StackId: stack.id,
            StackName: stack.name,
            Status: status,
            ExecutionStatus: executionStatus,
            CreationTime: stack.createdAt,
          })),
      };
    },
    'cloudformation:DeleteChangeSet': (input: Input) => {
      const changeSet = findChangeSet(cloud, input);
      if (changeSet.executionStatus === 'EXECUTE_IN_PROGRESS')
        throw new AwsFault('InvalidChangeSetStatus', 'cannot be deleted while it is executed');
      cloud.changeSets.delete(changeSet.arn);
      return {};
    },
    'cloudformation:ExecuteChangeSet': (input: Input) => {
      const changeSet = findChangeSet(cloud, input);
      const stack = cloud.stacks.get(changeSet.stackId)!;
      const token = input['ClientRequestToken'] as string | undefined;
      if (stack.executed?.changeSet === changeSet.arn && stack.executed.token === token) return {};
      if (BUSY.test(stack.status) && stack.status !== 'REVIEW_IN_PROGRESS')
        throw new AwsFault(
          'ValidationError',
          `Stack:${stack.id} is in ${stack.status} state and can not be updated.`,
        );
      if (changeSet.status !== 'CREATE_COMPLETE' || changeSet.executionStatus !== 'AVAILABLE')
        throw new AwsFault(
          'InvalidChangeSetStatus',
          `ChangeSet [${changeSet.arn}] cannot be executed in its current status of [${changeSet.status}] and current execution status of [${changeSet.executionStatus}]`,
        );
      execute(cloud, stack, changeSet, token);
      return {};
    },
  };
}

function execute(cloud: Cloud, stack: FakeStack, changeSet: FakeChangeSet, token: string | undefined): void {
  changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
  // The others are not valid any more for what the stack becomes.
  for (const other of [...cloud.changeSets.values()])
    if (other.stackId === stack.id && other !== changeSet) cloud.changeSets.delete(other.arn);
  stack.changeSetId = changeSet.arn;
  stack.executed = { changeSet: changeSet.arn, token };
  if (changeSet.type !== 'CREATE') stack.updatedAt = cloud.now();
  else Object.assign(stack, { template: changeSet.template, tags: changeSet.tags });
  stack.steps = deploy(cloud, stack, changeSet, token);
  stack.steps.next();
}

function stackForChangeSet(cloud: Cloud, name: string, type: FakeChangeSet['type']): FakeStack {
  const known = [...cloud.stacks.values()].find((one) => one.name === name && one.deletedAt === undefined);
  if (known === undefined) {
    if (type === 'UPDATE') throw new AwsFault('ValidationError', `Stack [${name}] does not exist`);
    return newStack(cloud, name);
  }
  if (type === 'CREATE' && known.status !== 'REVIEW_IN_PROGRESS')
    throw new AwsFault(
      'ValidationError',
      `Stack [${name}] already exists and cannot be created again with the changeSet`,
    );
  if (type === 'UPDATE' && !READY.includes(known.status))
    throw new AwsFault(
      'ValidationError',
      `Stack:${known.id} is in ${known.status} state and can not be updated.`,
    );
  return known;
}

function newStack(cloud: Cloud, name: string): FakeStack {
  const id = `arn:aws:cloudformation:${cloud.region}:${cloud.account}:stack/${name}/${cloud.nextId()}`;
  const stack: FakeStack = {
    id,
    name,
    status: 'REVIEW_IN_PROGRESS',
    reason: 'User Initiated',
    createdAt: cloud.now(),
    updatedAt: undefined,
    deletedAt: undefined,
    changeSetId: undefined,
    template: null,
    body: null,
    parameters: {},
    tags: {},
    isProtected: false,
    policy: null,
    resources: new Map(),
    events: [],
    steps: null,
    executed: null,
  };
  cloud.stacks.set(id, stack);
  return stack;
}

function newChangeSet(
  cloud: Cloud,
  stack: FakeStack,
  request: Record<string, unknown>,
  type: FakeChangeSet['type'],
  { body, template }: { body: string; template: FakeTemplate },
): FakeChangeSet {
  const imports = (request['ResourcesToImport'] as FakeImport[] | undefined) ?? [];
  return {
    arn: `arn:aws:cloudformation:${cloud.region}:${cloud.account}:changeSet/${String(request['ChangeSetName'])}/${cloud.nextId()}`,
    name: String(request['ChangeSetName']),
    stackId: stack.id,
    type,
    template,
    body,
    parameters: pairs(request['Parameters'], 'ParameterKey', 'ParameterValue'),
    tags: pairs(request['Tags'], 'Key', 'Value'),
    description: request['Description'] as string | undefined,
    token: request['ClientToken'] as string | undefined,
    status: 'CREATE_IN_PROGRESS',
    reason: undefined,
    executionStatus: 'UNAVAILABLE',
    onFailure: request['OnStackFailure'] as string | undefined,
    changes: importedOr(imports, template, stack),
    pendingLooks: cloud.changeSetLooks,
  };
}

// What cannot be read makes no stack and no change set.
function templateOf(
  cloud: Cloud,
  request: Record<string, unknown>,
): { body: string; template: FakeTemplate } {
  const url = request['TemplateURL'] as string | undefined;
  const body = url === undefined ? String(request['TemplateBody']) : objectAt(cloud, url);
  const template = url === undefined ? parseTemplate(body) : parseLargeTemplate(body);
  requireCapabilities(template, (request['Capabilities'] as string[] | undefined) ?? []);
  makingOrder(template);
  return { body, template };
}

interface FakeImport {
  LogicalResourceId: string;
  ResourceIdentifier: Record<string, string>;
}

function importedOr(imports: readonly FakeImport[], template: FakeTemplate, stack: FakeStack): FakeChange[] {
  if (imports.length === 0) return [];
  const ids = imports.map(({ LogicalResourceId }) => LogicalResourceId);
  for (const id of Object.keys(template.Resources)) {
    if (stack.template?.Resources[id] !== undefined) continue;
    if (!ids.includes(id))
      throw new AwsFault('ValidationError', `Resources [${id}] is missing from ResourceToImport list`);
    if (template.Resources[id]?.DeletionPolicy === undefined)
      throw new AwsFault(
        'ValidationError',
        `Resources [${id}] have no DeletionPolicy, and one is required for an import`,
      );
  }
  return imports.map(({ LogicalResourceId: id, ResourceIdentifier }) => ({
    action: 'Import',
    logicalId: id,
    physicalId: Object.values(ResourceIdentifier).join('|'),
    type: template.Resources[id]?.Type ?? '',
    replacement: undefined,
    details: [],
  }));
}

function settle(stack: FakeStack, changeSet: FakeChangeSet): void {
  const tagsDiffer =
    changeSet.type === 'UPDATE' && JSON.stringify(stack.tags) !== JSON.stringify(changeSet.tags);
  if (changeSet.type !== 'IMPORT')
    changeSet.changes = changesBetween(
      changeSet.type === 'CREATE' ? null : stack.template,
      changeSet.template,
      tagsDiffer,
    );
  const isSame =
    changeSet.changes.length === 0 &&
    JSON.stringify(stack.template?.Outputs ?? null) === JSON.stringify(changeSet.template.Outputs ?? null);
  if (changeSet.type === 'UPDATE' && isSame) {
    changeSet.status = 'FAILED';
    changeSet.reason =
      "The submitted information didn't contain changes. Submit different information to create a change set.";
    return;
  }
  changeSet.status = 'CREATE_COMPLETE';
  changeSet.executionStatus = 'AVAILABLE';
}

function requireCapabilities(template: FakeTemplate, capabilities: readonly string[]): void {
  const hasIam = Object.values(template.Resources).some(({ Type }) => Type.startsWith('AWS::IAM::'));
  if (hasIam && !capabilities.includes('CAPABILITY_NAMED_IAM'))
    throw new AwsFault('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_NAMED_IAM]');
}

function objectAt(cloud: Cloud, url: string): string {
  const body = cloud.objects.get(`/${new URL(url).hostname.split('.')[0]}${new URL(url).pathname}`);
  if (body === undefined)
    throw new AwsFault('ValidationError', 'S3 error: The specified key does not exist.');
  return body;
}

function pairs(list: unknown, key: string, value: string): Record<string, string> {
  return Object.fromEntries(
    ((list as Record<string, string>[] | undefined) ?? []).map((item) => [
      item[key] ?? '',
      item[value] ?? '',
    ]),
  );
}

function findChangeSet(cloud: Cloud, input: Input): FakeChangeSet {
  const name = String(input['ChangeSetName']);
  const stackName = input['StackName'] as string | undefined;
  const found =
    cloud.changeSets.get(name) ??
    (stackName === undefined
      ? undefined
      : [...cloud.changeSets.values()].find(
          (one) => one.name === name && one.stackId === findStack(cloud, stackName).id,
        ));
  if (found === undefined) throw new AwsFault('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);
  return found;
}

function changeReply(stack: FakeStack, change: FakeChange, withValues: boolean): object {
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: change.action,
      LogicalResourceId: change.logicalId,
      PhysicalResourceId: stack.resources.get(change.logicalId)?.physicalId,
      ResourceType: change.type,
      Replacement: change.replacement,
      Scope: [...new Set(change.details.map(({ attribute }) => attribute))],
      Details: change.details.map((detail) => ({
        Evaluation: detail.evaluation,
        ChangeSource: detail.source,
        CausingEntity: detail.cause,
        Target: {
          Attribute: detail.attribute,
          Name: detail.name,
          RequiresRecreation: detail.recreation,
          ...(withValues && detail.name !== undefined
            ? {
                Path: `/${detail.attribute}/${detail.name}`,
                BeforeValue: detail.before,
                AfterValue: detail.after,
              }
            : {}),
        },
      })),
    },
  };
}

function stackHandlers(cloud: Cloud): FakeHandlers {
  return {
    'cloudformation:DescribeStacks': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      look(cloud, stack);
      return { Stacks: [stackReply(stack)] };
    },
    'cloudformation:DescribeStackEvents': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      const at = Number(input['NextToken'] ?? 0);
      if (at === 0) look(cloud, stack);
      const newestFirst = [...stack.events].reverse();
      return {
        StackEvents: newestFirst.slice(at, at + 25).map((event) => ({
          StackId: stack.id,
          StackName: stack.name,
          EventId: event.id,
          LogicalResourceId: event.logicalId,
          PhysicalResourceId: event.physicalId,
          ResourceType: event.type,
          Timestamp: event.at,
          ResourceStatus: event.status,
          ResourceStatusReason: event.reason,
          ClientRequestToken: event.token,
        })),
        NextToken: at + 25 < newestFirst.length ? String(at + 25) : undefined,
      };
    },
    'cloudformation:ListStackResources': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      return {
        StackResourceSummaries: [...stack.resources.values()].map((resource) => ({
          LogicalResourceId: resource.logicalId,
          PhysicalResourceId: resource.physicalId || undefined,
          ResourceType: resource.type,
          ResourceStatus: resource.status,
          ResourceStatusReason: resource.reason,
          LastUpdatedTimestamp: cloud.now(),
        })),
      };
    },
    'cloudformation:GetTemplate': (input: Input) => ({
      TemplateBody: findStack(cloud, String(input['StackName'])).body ?? '{}',
      StagesAvailable: ['Original', 'Processed'],
    }),
    'cloudformation:GetTemplateSummary': (input: Input) => {
      const template = parseLargeTemplate(String(input['TemplateBody']));
      return {
        ResourceIdentifierSummaries: Object.entries(template.Resources).map(([id, { Type }]) => ({
          ResourceType: Type,
          LogicalResourceIds: [id],
          ResourceIdentifiers: [IDENTIFIERS[Type] ?? 'Id'],
        })),
      };
    },
    'cloudformation:SetStackPolicy': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      stack.policy = JSON.parse(String(input['StackPolicyBody'])) as StackPolicy;
      return {};
    },
    'cloudformation:UpdateTerminationProtection': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      stack.isProtected = String(input['EnableTerminationProtection']) === 'true';
      return { StackId: stack.id };
    },
    'cloudformation:DeleteStack': (input: Input) => {
      deleteStack(cloud, input);
      return {};
    },
    'cloudformation:ContinueUpdateRollback': (input: Input) => {
      const stack = findStack(cloud, String(input['StackName']));
      const former = formerOf.get(stack);
      if (stack.status !== 'UPDATE_ROLLBACK_FAILED' || former === undefined)
        throw new AwsFault(
          'ValidationError',
          `Stack:${stack.id} is in ${stack.status} state and can not be continued.`,
        );
      const skip = new Set((input['ResourcesToSkip'] as unknown as string[] | undefined) ?? []);
      for (const id of skip)
        if (stack.resources.get(id)?.status !== 'UPDATE_FAILED')
          throw new AwsFault('ValidationError', `Resource [${id}] is not in UPDATE_FAILED state`);
      for (const id of skip) Object.assign(stack.resources.get(id)!, { status: 'UPDATE_COMPLETE' });
      const token = input['ClientRequestToken'] as string | undefined;
      noteStack(cloud, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', token, 'User Initiated');
      const rest = new Map([...former.resources].filter(([id]) => !skip.has(id)));
      const kept = new Map(
        [...stack.resources].filter(([id]) => skip.has(id)).map(([id, r]) => [id, { ...r }]),
      );
      stack.steps = bringBack(cloud, stack, { resources: new Map([...rest, ...kept]) }, token, skip);
      return {};
    },
  };
}

const IDENTIFIERS: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::KMS::Key': 'KeyId',
  'AWS::ECR::Repository': 'RepositoryName',
};

function deleteStack(cloud: Cloud, input: Input): void {
  let stack: FakeStack;
  try {
    stack = findStack(cloud, String(input['StackName']));
  } catch {
    return;
  }
  if (stack.deletedAt !== undefined || stack.status === 'DELETE_IN_PROGRESS') return;
  if (stack.isProtected)
    throw new AwsFault(
      'ValidationError',
      `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`,
    );
  const retain = new Set((input['RetainResources'] as unknown as string[] | undefined) ?? []);
  if (retain.size > 0 && stack.status !== 'DELETE_FAILED')
    throw new AwsFault(
      'ValidationError',
      'RetainResources can only be used when the stack is in the DELETE_FAILED state',
    );
  if (BUSY.test(stack.status) && stack.status !== 'REVIEW_IN_PROGRESS')
    throw new AwsFault(
      'ValidationError',
      `Stack [${stack.name}] is in ${stack.status} and cannot be deleted`,
    );
  for (const changeSet of [...cloud.changeSets.values()])
    if (changeSet.stackId === stack.id) cloud.changeSets.delete(changeSet.arn);
  const token = input['ClientRequestToken'] as string | undefined;
  stack.steps = deleteAll(cloud, stack, token, retain);
  stack.steps.next();
  // An empty shell goes at once.
  if (stack.resources.size === 0) for (const _ of stack.steps);
}

function stackReply(stack: FakeStack): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    CreationTime: stack.createdAt,
    LastUpdatedTime: stack.updatedAt,
    DeletionTime: stack.deletedAt,
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    EnableTerminationProtection: stack.isProtected,
    Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Outputs: READY.includes(stack.status) ? outputsOf(stack) : undefined,
  };
}

function outputsOf(stack: FakeStack): object[] {
  return Object.entries(stack.template?.Outputs ?? {}).map(([OutputKey, { Value }]) => ({
    OutputKey,
    OutputValue: resolved(stack, Value),
  }));
}

function resolved(stack: FakeStack, value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[key, inner] = ['', '']] = Object.entries(value);
  if (key === 'Ref') return stack.resources.get(String(inner))?.physicalId ?? String(inner);
  if (key === 'Fn::GetAtt') {
    const [id, attribute] = inner as [string, string];
    return `${stack.resources.get(id)?.physicalId ?? id}.${attribute}`;
  }
  if (key === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map((part) => resolved(stack, part)).join(separator);
  }
  return JSON.stringify(value);
}
