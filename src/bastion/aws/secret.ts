/** Database credentials in Secrets Manager, in the JSON that RDS writes. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RocError } from '../../kernel/errors.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

export interface DatabaseSecret {
  readonly user: string;
  readonly password: string;
}

/** @throws RocError ROC_INVALID_INPUT when the secret is no JSON with username and password */
export async function readDatabaseSecret(access: AwsAccess, secretId: string): Promise<DatabaseSecret> {
  const client = new SecretsManagerClient(access.options());
  const command = new GetSecretValueCommand({ SecretId: secretId });
  try {
    const reply = await callAws('secretsmanager:GetSecretValue', (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    const secret = parsed(reply.SecretString);
    if (secret !== null) return secret;
  } finally {
    client.destroy();
  }
  throw new RocError('ROC_INVALID_INPUT', `the secret ${secretId} holds no username and password`, {
    hint: 'RDS writes them as JSON; name a secret of that form with --secret.',
  });
}

function parsed(text: string | undefined): DatabaseSecret | null {
  try {
    const value = JSON.parse(text ?? '') as { username?: unknown; password?: unknown };
    if (typeof value.username === 'string' && typeof value.password === 'string') {
      return { user: value.username, password: value.password };
    }
  } catch {
    // Said by the caller, without the text: it is a secret.
  }
  return null;
}
