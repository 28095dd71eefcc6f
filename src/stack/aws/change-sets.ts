/** Change sets: made, read whole, executed, discarded. */
import {
  type Change,
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommand,
  paginateListChangeSets,
  type ResourceChangeDetail,
} from '@aws-sdk/client-cloudformation';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT';
  /** The template itself, or where it lies when it is too large to be sent along. */
  readonly template: { readonly body: string } | { readonly url: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly description: string;
  readonly token: string;
  readonly onFailure: OnFailure;
  readonly imports: readonly {
    readonly type: string;
    readonly logicalId: string;
    readonly identifier: Readonly<Record<string, string>>;
  }[];
}

/** What becomes of the stack when the change set fails. */
export type OnFailure = 'rollback' | 'keep';

export interface ChangeSetFacts {
  readonly arn: string;
  readonly stackId: string;
  readonly status: string;
  readonly reason: string;
  readonly executionStatus: string;
  readonly changes: readonly ChangeSetChange[];
}

/** One resource in a change set, as AWS tells it. */
export interface ChangeSetChange {
  readonly action: string;
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  /** `True`, `False`, `Conditional`; null where AWS did not say. */
  readonly replacement: string | null;
  readonly policyAction: string | null;
  readonly details: readonly ChangeSetDetail[];
}

export interface ChangeSetDetail {
  readonly attribute: string;
  readonly property: string | null;
  readonly path: string | null;
  /** `Never`, `Conditionally`, `Always`. */
  readonly recreation: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly isStatic: boolean;
}

const clientOf = (access: AwsAccess) => access.client(CloudFormationClient);

/** Starts the making of a change set; its random name makes a repeated request harmless. */
export async function createChangeSet(access: AwsAccess, request: ChangeSetRequest): Promise<void> {
  const command = new CreateChangeSetCommand({
    StackName: request.stackName,
    ChangeSetName: request.name,
    ChangeSetType: request.type,
    ...('body' in request.template
      ? { TemplateBody: request.template.body }
      : { TemplateURL: request.template.url }),
    Parameters: Object.entries(request.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
    Description: request.description,
    ClientToken: request.token,
    // Going back is what AWS does of itself.
    ...(request.onFailure === 'keep' ? { OnStackFailure: 'DO_NOTHING' } : {}),
    ...(request.imports.length === 0
      ? {}
      : {
          ResourcesToImport: request.imports.map(({ type, logicalId, identifier }) => ({
            ResourceType: type,
            LogicalResourceId: logicalId,
            ResourceIdentifier: { ...identifier },
          })),
        }),
  });
  try {
    await callAws('cloudformation:CreateChangeSet', (abortSignal) =>
      clientOf(access).send(command, { abortSignal }),
    );
  } catch (error) {
    // An earlier attempt got through and its answer was lost: the name is ours alone.
    if (!/^AlreadyExists/.test(awsErrorName(error) ?? '')) throw error;
  }
}

/** All pages of a change set, property values included; null where it is gone. */
export async function describeChangeSet(
  access: AwsAccess,
  changeSet: { readonly name: string; readonly stackName?: string | undefined },
): Promise<ChangeSetFacts | null> {
  const pages: DescribeChangeSetCommandOutput[] = [];
  const following = pageTokens('cloudformation:DescribeChangeSet');
  let next: string | undefined;
  do {
    const command = new DescribeChangeSetCommand({
      ChangeSetName: changeSet.name,
      IncludePropertyValues: true,
      ...(changeSet.stackName === undefined ? {} : { StackName: changeSet.stackName }),
      ...(next === undefined ? {} : { NextToken: next }),
    });
    try {
      const page = await callAws('cloudformation:DescribeChangeSet', (abortSignal) =>
        clientOf(access).send(command, { abortSignal }),
      );
      pages.push(page);
      next = following(page.NextToken);
    } catch (error) {
      if (/^ChangeSetNotFound/.test(awsErrorName(error) ?? '')) return null;
      throw error;
    }
  } while (next !== undefined);
  const [first] = pages;
  return {
    arn: first?.ChangeSetId ?? '',
    stackId: first?.StackId ?? '',
    status: first?.Status ?? '',
    reason: first?.StatusReason ?? '',
    executionStatus: first?.ExecutionStatus ?? '',
    changes: pages.flatMap(({ Changes = [] }) => Changes.flatMap(changeOf)),
  };
}

function changeOf({ ResourceChange: change }: Change): ChangeSetChange[] {
  if (change === undefined) return [];
  return [
    {
      action: change.Action ?? '',
      logicalId: change.LogicalResourceId ?? '',
      physicalId: change.PhysicalResourceId ?? null,
      type: change.ResourceType ?? '',
      replacement: change.Replacement ?? null,
      policyAction: change.PolicyAction ?? null,
      details: (change.Details ?? []).map(detailOf),
    },
  ];
}

function detailOf({ Target, Evaluation }: ResourceChangeDetail): ChangeSetDetail {
  return {
    attribute: Target?.Attribute ?? '',
    property: Target?.Name ?? null,
    path: Target?.Path ?? null,
    recreation: Target?.RequiresRecreation ?? null,
    before: Target?.BeforeValue ?? null,
    after: Target?.AfterValue ?? null,
    isStatic: Evaluation === 'Static',
  };
}

/** Those that nobody has executed, with when they were made. */
export async function waitingChangeSets(
  access: AwsAccess,
  stackId: string,
): Promise<{ readonly arn: string; readonly name: string; readonly createdAt: number }[]> {
  return callAws('cloudformation:ListChangeSets', async (abortSignal) => {
    const found = [];
    const pages = paginateListChangeSets(
      { client: clientOf(access) },
      { StackName: stackId },
      { abortSignal },
    );
    for await (const { Summaries = [] } of pages) {
      for (const { ChangeSetId = '', ChangeSetName = '', CreationTime, ExecutionStatus = '' } of Summaries)
        if (!ExecutionStatus.startsWith('EXECUTE_'))
          found.push({ arn: ChangeSetId, name: ChangeSetName, createdAt: CreationTime?.getTime() ?? 0 });
    }
    return found;
  });
}

/** Carries it out. A repeated request with the same token does nothing more. */
export async function executeChangeSet(access: AwsAccess, arn: string, token: string): Promise<void> {
  await callAws('cloudformation:ExecuteChangeSet', (abortSignal) =>
    clientOf(access).send(new ExecuteChangeSetCommand({ ChangeSetName: arn, ClientRequestToken: token }), {
      abortSignal,
    }),
  );
}

/** Fine when it is gone already. */
export async function deleteChangeSet(access: AwsAccess, arn: string): Promise<void> {
  try {
    await callAws('cloudformation:DeleteChangeSet', (abortSignal) =>
      clientOf(access).send(new DeleteChangeSetCommand({ ChangeSetName: arn }), { abortSignal }),
    );
  } catch (error) {
    if (!/^ChangeSetNotFound/.test(awsErrorName(error) ?? '')) throw error;
  }
}
