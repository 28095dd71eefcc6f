/** The stack itself: what CloudFormation knows of it, its template, resources and protections. */
import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  SetStackPolicyCommand,
  type Stack,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import type { AwsAccess } from './access.js';
import { awsErrorName, awsErrorText, callAws } from './call.js';

export interface StackFacts {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason: string | null;
  /** The change set that was executed last. */
  readonly changeSetId: string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  readonly isProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  readonly status: string;
  readonly reason: string | null;
}

const clientOf = (access: AwsAccess) => access.client(CloudFormationClient);

/** By name or id; null where there is none. A deleted stack is found by its id alone. */
export async function describeStack(
  access: AwsAccess,
  nameOrId: string,
  signal?: AbortSignal,
): Promise<StackFacts | null> {
  try {
    const reply = await callAws(
      'cloudformation:DescribeStacks',
      (abortSignal) =>
        clientOf(access).send(new DescribeStacksCommand({ StackName: nameOrId }), { abortSignal }),
      signal,
    );
    const stack = reply.Stacks?.[0];
    return stack === undefined ? null : factsOf(stack);
  } catch (error) {
    if (awsErrorName(error) === 'ValidationError' && /does not exist/.test(awsErrorText(error))) return null;
    throw error;
  }
}

function factsOf(stack: Stack): StackFacts {
  return {
    id: stack.StackId ?? '',
    name: stack.StackName ?? '',
    status: stack.StackStatus ?? '',
    reason: stack.StackStatusReason ?? null,
    changeSetId: stack.ChangeSetId ?? null,
    createdAt: stack.CreationTime?.toISOString() ?? '',
    updatedAt: stack.LastUpdatedTime?.toISOString() ?? null,
    isProtected: stack.EnableTerminationProtection ?? false,
    tags: pairs(stack.Tags, ({ Key, Value }) => [Key, Value]),
    parameters: pairs(stack.Parameters, ({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
    outputs: pairs(stack.Outputs, ({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  };
}

function pairs<T>(
  list: readonly T[] | undefined,
  pair: (item: T) => readonly [string | undefined, string | undefined],
): Record<string, string> {
  return Object.fromEntries((list ?? []).map(pair).map(([key, value]) => [key ?? '', value ?? '']));
}

/** The template as it was given; null where nothing has been deployed yet. */
export async function deployedTemplate(access: AwsAccess, stackId: string): Promise<string | null> {
  const reply = await callAws('cloudformation:GetTemplate', (abortSignal) =>
    clientOf(access).send(new GetTemplateCommand({ StackName: stackId, TemplateStage: 'Original' }), {
      abortSignal,
    }),
  );
  return reply.TemplateBody || null;
}

export async function listResources(access: AwsAccess, stackId: string): Promise<StackResource[]> {
  return callAws('cloudformation:ListStackResources', async (abortSignal) => {
    const resources: StackResource[] = [];
    const pages = paginateListStackResources(
      { client: clientOf(access) },
      { StackName: stackId },
      { abortSignal },
    );
    for await (const page of pages) {
      for (const row of page.StackResourceSummaries ?? []) {
        resources.push({
          logicalId: row.LogicalResourceId ?? '',
          physicalId: row.PhysicalResourceId ?? null,
          type: row.ResourceType ?? '',
          status: row.ResourceStatus ?? '',
          reason: row.ResourceStatusReason ?? null,
        });
      }
    }
    return resources;
  });
}

/** `retain` is taken only for a stack whose deletion has failed. */
export async function deleteStack(
  access: AwsAccess,
  stackId: string,
  options: { readonly token: string; readonly retain?: readonly string[] },
): Promise<void> {
  const { token, retain = [] } = options;
  await callAws('cloudformation:DeleteStack', (abortSignal) =>
    clientOf(access).send(
      new DeleteStackCommand({
        StackName: stackId,
        ClientRequestToken: token,
        ...(retain.length === 0 ? {} : { RetainResources: [...retain] }),
      }),
      { abortSignal },
    ),
  );
}

export async function protectStack(access: AwsAccess, stackId: string, isProtected: boolean): Promise<void> {
  await callAws('cloudformation:UpdateTerminationProtection', (abortSignal) =>
    clientOf(access).send(
      new UpdateTerminationProtectionCommand({
        StackName: stackId,
        EnableTerminationProtection: isProtected,
      }),
      { abortSignal },
    ),
  );
}

export async function setStackPolicy(access: AwsAccess, stackId: string, policy: object): Promise<void> {
  await callAws('cloudformation:SetStackPolicy', (abortSignal) =>
    clientOf(access).send(
      new SetStackPolicyCommand({ StackName: stackId, StackPolicyBody: JSON.stringify(policy) }),
      { abortSignal },
    ),
  );
}

export async function continueRollback(
  access: AwsAccess,
  stackId: string,
  options: { readonly token: string; readonly skip: readonly string[] },
): Promise<void> {
  await callAws('cloudformation:ContinueUpdateRollback', (abortSignal) =>
    clientOf(access).send(
      new ContinueUpdateRollbackCommand({
        StackName: stackId,
        ClientRequestToken: options.token,
        ...(options.skip.length === 0 ? {} : { ResourcesToSkip: [...options.skip] }),
      }),
      { abortSignal },
    ),
  );
}
