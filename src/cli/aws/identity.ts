/** Who AWS takes this shell for: one call that every credential may make. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type AwsFlags, clientOptions, resolveAwsTarget, translateAwsError } from '../../kernel/aws.js';
import { messageOf } from '../doctor/gather-host.js';
import type { AwsFacts } from '../doctor/model.js';

export async function gatherIdentity(
  flags: AwsFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AwsFacts['identity']> {
  try {
    const client = new STSClient({ ...clientOptions(resolveAwsTarget(flags, env)), maxAttempts: 2 });
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    return { arn: Arn ?? 'an identity without a name' };
  } catch (error) {
    return { error: messageOf(translateAwsError(error, 'sts:GetCallerIdentity')) };
  }
}
