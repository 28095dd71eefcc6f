/** Who calls: the account that everything would be made in. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsAccess } from './access.js';
import { callAws } from './call.js';

export interface Caller {
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
}

export async function describeCaller(access: AwsAccess): Promise<Caller> {
  const reply = await callAws('sts:GetCallerIdentity', (abortSignal) =>
    access.client(STSClient).send(new GetCallerIdentityCommand({}), { abortSignal }),
  );
  const arn = reply.Arn ?? '';
  return { account: reply.Account ?? '', arn, partition: arn.split(':')[1] || 'aws' };
}
