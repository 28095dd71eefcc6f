/** Drift detection: started, waited for by the caller, read resource by resource. */
import {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackResourceDriftsCommand,
  DetectStackDriftCommand,
  type StackResourceDrift,
} from '@aws-sdk/client-cloudformation';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { AwsAccess } from './access.js';
import { callAws } from './call.js';

export interface DriftFacts {
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  /** `IN_SYNC`, `MODIFIED`, `DELETED`, `NOT_CHECKED`, `UNKNOWN`, `UNSUPPORTED`. */
  readonly status: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly differences: readonly {
    readonly path: string;
    readonly expected: string;
    readonly actual: string;
    readonly kind: string;
  }[];
}

const clientOf = (access: AwsAccess) => access.client(CloudFormationClient);

export async function startDriftDetection(access: AwsAccess, stackId: string): Promise<string> {
  const reply = await callAws('cloudformation:DetectStackDrift', (abortSignal) =>
    clientOf(access).send(new DetectStackDriftCommand({ StackName: stackId }), { abortSignal }),
  );
  return reply.StackDriftDetectionId ?? '';
}

/** `DETECTION_IN_PROGRESS`, `DETECTION_COMPLETE` or `DETECTION_FAILED`, and why. */
export async function driftDetection(
  access: AwsAccess,
  id: string,
): Promise<{ status: string; reason: string | null }> {
  const reply = await callAws('cloudformation:DescribeStackDriftDetectionStatus', (abortSignal) =>
    clientOf(access).send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId: id }), {
      abortSignal,
    }),
  );
  return { status: reply.DetectionStatus ?? '', reason: reply.DetectionStatusReason ?? null };
}

export async function resourceDrifts(access: AwsAccess, stackId: string): Promise<DriftFacts[]> {
  const facts: DriftFacts[] = [];
  const following = pageTokens('cloudformation:DescribeStackResourceDrifts');
  let next: string | undefined;
  do {
    const reply = await callAws('cloudformation:DescribeStackResourceDrifts', (abortSignal) =>
      clientOf(access).send(
        new DescribeStackResourceDriftsCommand({
          StackName: stackId,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
        { abortSignal },
      ),
    );
    facts.push(...(reply.StackResourceDrifts ?? []).map(factsOf));
    next = following(reply.NextToken);
  } while (next !== undefined);
  return facts;
}

function factsOf(drift: StackResourceDrift): DriftFacts {
  return {
    logicalId: drift.LogicalResourceId ?? '',
    physicalId: drift.PhysicalResourceId ?? null,
    type: drift.ResourceType ?? '',
    status: drift.StackResourceDriftStatus ?? 'UNKNOWN',
    expected: propertiesOf(drift.ExpectedProperties),
    differences: (drift.PropertyDifferences ?? []).map((difference) => ({
      path: difference.PropertyPath ?? '',
      expected: difference.ExpectedValue ?? '',
      actual: difference.ActualValue ?? '',
      kind: difference.DifferenceType ?? '',
    })),
  };
}

function propertiesOf(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}
