/** The outputs of the stack under the names that the other rooms read. */
import { CfnOutput, Fn } from 'aws-cdk-lib/core';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import type { Context } from './context.js';

/** Values as CloudFormation has them: lists joined by commas, numbers as text; null is left out. */
export type OutputValues = Readonly<
  Record<Exclude<keyof StackOutputs, 'account' | 'region'>, string | readonly string[] | null>
>;

export function buildOutputs({ stack }: Context, values: OutputValues): void {
  const all = { account: Fn.ref('AWS::AccountId'), region: Fn.ref('AWS::Region'), ...values };
  for (const [key, value] of Object.entries(all)) {
    if (value === null || value.length === 0) continue;
    const text = typeof value === 'string' ? value : value.join(',');
    // An output's id has the key as it is; a construct's id may not equal a resource's.
    new CfnOutput(stack, `Output${key}`, { value: text }).overrideLogicalId(key);
  }
}

/** The same as the JSON that hosts of the stack read: lists are lists there, the port a number. */
export function outputsAsJson({ stack }: Context, values: OutputValues): string {
  const { dbPort, ...rest } = values;
  return stack.toJsonString({
    account: Fn.ref('AWS::AccountId'),
    region: Fn.ref('AWS::Region'),
    ...rest,
    dbPort: dbPort === null ? null : Number(dbPort),
  });
}
