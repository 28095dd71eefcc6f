/** How a database is signed in to: a secret of Secrets Manager, or a token that is made here. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { translateAwsError } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** A token for the endpoint, good for 15 minutes at connect. */
export async function iamToken(access: AwsAccess, host: string, port: number, user: string): Promise<string> {
  const signer = new Signer({
    hostname: host,
    port,
    username: user,
    region: access.target.region,
    credentials: access.credentials,
  });
  try {
    return await signer.getAuthToken();
  } catch (error) {
    throw translateAwsError(error, 'rds-db:connect');
  }
}

/** A secret as RDS writes it: JSON with username and password. */
export async function databaseSecret(
  access: AwsAccess,
  id: string,
): Promise<{ user: string; password: string }> {
  const client = new SecretsManagerClient(access.options());
  try {
    const reply = await callAws(access, 'secretsmanager:GetSecretValue', (abortSignal) =>
      client.send(new GetSecretValueCommand({ SecretId: id }), { abortSignal }),
    );
    const value = parsed(reply.SecretString);
    if (typeof value?.['username'] === 'string' && typeof value['password'] === 'string')
      return { user: value['username'], password: value['password'] };
    throw new RocError('ROC_INVALID_INPUT', 'the secret holds no username and password', {
      hint: `Write ${id} as JSON with both, as RDS does.`,
    });
  } finally {
    client.destroy();
  }
}

function parsed(text: string | undefined): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
