/** What a server is told by AWS instead of by its configuration: secrets, and sign-in tokens for RDS. */
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { Signer } from '@aws-sdk/rds-signer';
import { clientOptions, resolveAwsTarget, translateAwsError } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';

type Env = Readonly<Record<string, string | undefined>>;

const CALL_LIMIT = 20 * SECOND;
/** Longer than two nodes that found a secret empty at once need to write it. */
const SETTLE_MS = 2 * SECOND;

/** The text of a secret. @throws RocError ROC_CONFIG_INVALID where it has none, or what AWS answered */
export async function readSecret(arn: string, env: Env): Promise<string> {
  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME; a plain name lies in the region of the environment.
  const [, , , region] = arn.startsWith('arn:') ? arn.split(':') : [];
  const client = new SecretsManagerClient(clientOptions(resolveAwsTarget({ region }, env)));
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }), {
      abortSignal: AbortSignal.timeout(CALL_LIMIT),
    });
    if (SecretString !== undefined) return SecretString;
  } catch (error) {
    throw named(error, 'secretsmanager:GetSecretValue');
  } finally {
    client.destroy();
  }
  throw new RocError('ROC_CONFIG_INVALID', `the secret ${arn} holds no text`, {
    hint: 'Store it as a string, not as bytes.',
  });
}

/** As readSecret, and null for a secret that has no text yet. */
export async function readSecretOrNull(arn: string, env: Env): Promise<string | null> {
  return withSecrets(arn, env, 'secretsmanager:GetSecretValue', async (client, abortSignal) => {
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }), {
        abortSignal,
      });
      return SecretString ?? null;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return null;
      throw error;
    }
  });
}

export async function replaceSecret(arn: string, text: string, env: Env): Promise<void> {
  await withSecrets(arn, env, 'secretsmanager:PutSecretValue', async (client, abortSignal) => {
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: text }), { abortSignal });
  });
}

/** Puts the first text into a secret; of several nodes that do so at once, all take the text that came last. */
export async function createSecret(arn: string, text: string, env: Env): Promise<string> {
  await replaceSecret(arn, text, env);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return (await readSecretOrNull(arn, env)) ?? text;
}

async function withSecrets<T>(
  arn: string,
  env: Env,
  call: string,
  work: (client: SecretsManagerClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [, , , region] = arn.startsWith('arn:') ? arn.split(':') : [];
  const client = new SecretsManagerClient(clientOptions(resolveAwsTarget({ region }, env)));
  try {
    return await work(client, AbortSignal.timeout(CALL_LIMIT));
  } catch (error) {
    throw named(error, call);
  } finally {
    client.destroy();
  }
}

/** A password for one sign-in to RDS, good for 15 minutes. */
export async function rdsToken(
  at: { readonly host: string; readonly port: number; readonly user: string },
  env: Env,
): Promise<string> {
  const { region } = resolveAwsTarget({}, env);
  const credentials = fromNodeProviderChain({ clientConfig: { region } });
  const signer = new Signer({ hostname: at.host, port: at.port, username: at.user, region, credentials });
  return signer.getAuthToken().catch((error: unknown) => {
    throw named(error, 'rds-db:connect');
  });
}

function named(error: unknown, call: string): unknown {
  const translated = translateAwsError(error, call);
  if (translated instanceof RocError) return translated;
  const why = error instanceof Error ? error.message : String(error);
  return new RocError('ROC_CONFIG_INVALID', `${call}: ${why}`, {
    hint: 'Check the ARN, and that the role of this server may read it.',
    cause: error,
  });
}
