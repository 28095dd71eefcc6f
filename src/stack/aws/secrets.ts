/** Users of the database as Secrets Manager keeps them: JSON with username and password. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RocError } from '../../kernel/errors.js';
import type { AwsAccess } from './access.js';
import { callAws } from './call.js';

export interface DatabaseLogin {
  readonly user: string;
  readonly password: string;
}

/** @throws RocError ROC_INVALID_INPUT where the secret is no such JSON */
export async function readLogin(access: AwsAccess, secret: string): Promise<DatabaseLogin> {
  const { SecretString } = await callAws('secretsmanager:GetSecretValue', (abortSignal) =>
    access
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({ SecretId: secret }), { abortSignal }),
  );
  const login = parse(SecretString ?? '');
  if (login !== null) return login;
  throw new RocError('ROC_INVALID_INPUT', 'the secret holds no username and password', {
    hint: `Write ${secret} as JSON with both, as RDS does.`,
  });
}

function parse(text: string): DatabaseLogin | null {
  try {
    const { username, password } = JSON.parse(text) as { username?: unknown; password?: unknown };
    return typeof username === 'string' && typeof password === 'string' ? { user: username, password } : null;
  } catch {
    return null;
  }
}
