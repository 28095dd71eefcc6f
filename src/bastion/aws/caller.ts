/** Who asks, and what the asker may do. */
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CallerFacts, Permission } from '../doctor/facts.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

export async function describeCaller(access: AwsAccess, now: () => number): Promise<CallerFacts> {
  const client = new STSClient(access.options());
  let date: string | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
      return result;
    },
    { step: 'deserialize', name: 'readDate', priority: 'low' },
  );
  try {
    const reply = await callAws('sts:GetCallerIdentity', (abortSignal) =>
      client.send(new GetCallerIdentityCommand({}), { abortSignal }),
    );
    const { expiration } = await access.credentials();
    return {
      arn: reply.Arn ?? '',
      account: reply.Account ?? '',
      expiresAt: expiration?.getTime() ?? null,
      clockSkew: date === undefined ? null : Date.parse(date) - now(),
    };
  } finally {
    client.destroy();
  }
}

/** Asks IAM what a principal may do, one resource for each action. */
export async function simulate(
  access: AwsAccess,
  principalArn: string,
  wanted: readonly { action: string; resource: string }[],
): Promise<Permission[]> {
  const client = new IAMClient(access.options());
  try {
    return await Promise.all(
      wanted.map(async ({ action, resource }) => {
        const command = new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleOf(principalArn),
          ActionNames: [action],
          ResourceArns: [resource],
        });
        const reply = await callAws('iam:SimulatePrincipalPolicy', (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        const result = reply.EvaluationResults?.[0];
        const isAllowed = result?.EvalDecision === 'allowed';
        const reasons = [
          result?.OrganizationsDecisionDetail?.AllowedByOrganizations === false &&
            'a policy of the organisation',
          result?.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false &&
            'the permissions boundary',
          result?.EvalDecision === 'explicitDeny' && 'an explicit deny',
        ].filter(Boolean);
        return { action, resource, isAllowed, deniedBy: isAllowed ? null : reasons.join(', ') || null };
      }),
    );
  } finally {
    client.destroy();
  }
}

// IAM simulates the role, not one of its sessions.
function roleOf(arn: string): string {
  const match = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn);
  return match === null ? arn : `arn:${match[1]}:iam::${match[2]}:role/${match[3]}`;
}
