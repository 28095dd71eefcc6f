/** `roc provision outputs`: the stack's outputs with exactly the keys that the other rooms default on. */
import { RocError } from '../kernel/errors.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { describeCaller } from './aws/caller.js';
import { readParameter } from './aws/parameters.js';
import { describeStack } from './aws/stacks.js';
import { stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';

type Kind = 'text' | 'list' | 'number';

/** Every key but account and region, which are those of the call itself. */
const KINDS: Readonly<Record<Exclude<keyof StackOutputs, 'account' | 'region'>, Kind>> = {
  url: 'text',
  vpcId: 'text',
  privateSubnetIds: 'list',
  isolatedSubnetIds: 'list',
  albArn: 'text',
  apiTargetGroupArn: 'text',
  runnerTargetGroupArn: 'text',
  webAclArn: 'text',
  asgName: 'text',
  ecsCluster: 'text',
  ecsService: 'text',
  bastionInstanceId: 'text',
  dbInstanceId: 'text',
  dbEndpoint: 'text',
  dbPort: 'number',
  dbSecretArn: 'text',
  restoreSubnetGroup: 'text',
  restoreSecurityGroupId: 'text',
  robotsBucket: 'text',
  kmsKeyArn: 'text',
  ecrRepositoryUri: 'text',
  backupVault: 'text',
  alarmTopicArn: 'text',
  logGroups: 'list',
};

/** The parameter that the stack leaves its outputs in, for who cannot read them from CloudFormation. */
function outputsParameter(stackName: string): string {
  return `/roc/${stackName}/outputs`;
}

/**
 * From the stack's outputs, and where it has none from the parameter the stack wrote.
 * @throws RocError ROC_NOT_FOUND when neither is there
 */
export async function readOutputs(engine: Engine, stackName: string): Promise<StackOutputs> {
  const [{ account }, stack] = await Promise.all([
    describeCaller(engine.access),
    describeStack(engine.access, stackName, engine.signal),
  ]);
  const place = { account, region: engine.access.target.region };
  if (stack !== null && Object.keys(stack.outputs).length > 0) return typedOutputs(stack.outputs, place);
  const text = await readParameter(engine.access, outputsParameter(stackName));
  if (text !== null) return typedOutputs(valuesIn(text, stackName), place);
  const { says, next } = stackState(stack?.status ?? null);
  throw new RocError('ROC_NOT_FOUND', `the stack ${stackName} has no outputs: it ${says}`, { hint: next });
}

/** Null for what a profile does not have. */
export function typedOutputs(
  values: Readonly<Record<string, unknown>>,
  place: Pick<StackOutputs, 'account' | 'region'>,
): StackOutputs {
  const typed = Object.entries(KINDS).map(([key, kind]) => [key, typedValue(values[key], kind)]);
  return { ...place, ...Object.fromEntries(typed) } as StackOutputs;
}

function typedValue(value: unknown, kind: Kind): string | number | readonly string[] | null {
  if (value === undefined || value === null || value === '') return null;
  if (kind === 'number') return Number(value);
  if (kind === 'text') return String(value);
  return Array.isArray(value) ? value.map(String) : String(value).split(',').filter(Boolean);
}

function valuesIn(text: string, stackName: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new RocError(
    'ROC_INVALID_INPUT',
    `the parameter ${outputsParameter(stackName)} holds no JSON object`,
    {
      hint: 'Somebody changed it: apply the stack again.',
    },
  );
}
