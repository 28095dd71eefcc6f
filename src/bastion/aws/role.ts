/** The role behind an instance profile. */
import { GetInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** Null when the profile holds no role. */
export async function roleOfProfile(access: AwsAccess, profileArn: string): Promise<string | null> {
  const client = new IAMClient(access.options());
  const command = new GetInstanceProfileCommand({ InstanceProfileName: profileArn.split('/').at(-1) });
  try {
    const reply = await callAws('iam:GetInstanceProfile', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return reply.InstanceProfile?.Roles?.[0]?.Arn ?? null;
  } finally {
    client.destroy();
  }
}
