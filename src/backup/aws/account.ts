/** Facts around a restore: who calls, whether a key can be used, whom a security group lets in. */
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Caller, SecurityGroup } from '../cloud.js';
import { callAws, orNull } from './call.js';
import type { AwsAccess } from './clients.js';

/** The SDK notes how far AWS's clock is from this host's once it is more than five minutes. */
export async function whoCalls(access: AwsAccess): Promise<Caller> {
  const client = new STSClient(access.options());
  try {
    const reply = await callAws(access, 'sts:GetCallerIdentity', (abortSignal) =>
      client.send(new GetCallerIdentityCommand({}), { abortSignal }),
    );
    return {
      account: reply.Account ?? '',
      arn: reply.Arn ?? '',
      clockSkewMs: client.config.systemClockOffset,
    };
  } finally {
    client.destroy();
  }
}

/** `Enabled`, `Disabled`, `PendingDeletion`, …; null for a key that is not there or not ours to see. */
export async function keyState(access: AwsAccess, keyId: string): Promise<string | null> {
  const client = new KMSClient(access.options());
  try {
    const reply = await orNull(
      callAws(access, 'kms:DescribeKey', (abortSignal) =>
        client.send(new DescribeKeyCommand({ KeyId: keyId }), { abortSignal }),
      ),
      /^NotFound/,
    );
    return reply?.KeyMetadata?.KeyState ?? null;
  } finally {
    client.destroy();
  }
}

export async function securityGroups(access: AwsAccess, ids: readonly string[]): Promise<SecurityGroup[]> {
  const client = new EC2Client(access.options());
  try {
    const command = new DescribeSecurityGroupsCommand({ GroupIds: [...ids] });
    const reply = await orNull(
      callAws(access, 'ec2:DescribeSecurityGroups', (abortSignal) => client.send(command, { abortSignal })),
      /^InvalidGroup/,
    );
    return (reply?.SecurityGroups ?? []).map((group) => ({
      id: group.GroupId ?? '',
      vpcId: group.VpcId ?? null,
      openToAll: (group.IpPermissions ?? []).some(
        (rule) =>
          rule.IpRanges?.some((range) => range.CidrIp === '0.0.0.0/0') ||
          rule.Ipv6Ranges?.some((range) => range.CidrIpv6 === '::/0'),
      ),
    }));
  } finally {
    client.destroy();
  }
}
