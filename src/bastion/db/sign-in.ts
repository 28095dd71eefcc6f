/** Which database is meant and how to sign in: the stack's outputs, RDS, a secret, or an IAM token. */
import { RocError } from '../../kernel/errors.js';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import type { AwsAccess } from '../aws/clients.js';
import { type Database, describeDatabase, signInToken } from '../aws/database.js';
import { readDatabaseSecret } from '../aws/secret.js';

export interface SignInOptions {
  readonly access: AwsAccess;
  readonly outputs: Partial<StackOutputs> | null;
  /** RDS instance or cluster; the stack's when absent. */
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly auth?: 'iam' | 'secret' | undefined;
  readonly secret?: string | undefined;
}

export interface SignIn {
  readonly endpoint: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly auth: 'iam' | 'secret';
  readonly database: string | null;
}

export async function signIn(options: SignInOptions): Promise<SignIn> {
  const { access, outputs } = options;
  const found = await findDatabase(options);
  const secret =
    options.secret ?? found.secretArn ?? (options.database ? undefined : outputs?.dbSecretArn) ?? undefined;
  const auth = options.auth ?? (secret !== undefined && options.user === undefined ? 'secret' : 'iam');
  const { endpoint, port, database } = found;
  if (auth === 'secret') {
    if (secret === undefined) {
      throw new RocError('ROC_USAGE', `no secret is known for ${endpoint}`, {
        hint: 'Name one with --secret, or use --auth iam with --user.',
      });
    }
    return { endpoint, port, database, auth, ...(await readDatabaseSecret(access, secret)) };
  }
  if (!found.iamAuth) {
    throw new RocError('ROC_REFUSED', `${found.id} has no IAM authentication`, {
      hint: 'Turn it on in RDS, or use --auth secret.',
    });
  }
  const user = options.user ?? found.user;
  if (user === null || user === undefined) {
    throw new RocError('ROC_USAGE', 'a token needs a database user', { hint: 'Name it with --user.' });
  }
  // Signed for the real endpoint: a token for localhost or an alias is refused by RDS.
  return { endpoint, port, database, auth, user, password: await signInToken(access, endpoint, port, user) };
}

async function findDatabase({ access, outputs, database }: SignInOptions): Promise<Database> {
  const id = database ?? outputs?.dbInstanceId ?? undefined;
  if (id === undefined) {
    throw new RocError('ROC_USAGE', 'no database is named', {
      hint: 'Name an RDS instance or cluster with --database, or provision the stack.',
    });
  }
  const found = await describeDatabase(access, id);
  if (found === null) {
    throw new RocError('ROC_NOT_FOUND', `RDS has no instance or cluster ${id} here`, {
      hint: 'Check the name and --region.',
    });
  }
  if (!/^(mysql|mariadb|aurora-mysql|aurora)$/.test(found.engine)) {
    throw new RocError(
      'ROC_INVALID_INPUT',
      `${id} is ${found.engine}, and only MySQL and MariaDB are known here`,
      {
        hint: `Use \`roc bastion forward --to ${found.endpoint}:${found.port}\`.`,
      },
    );
  }
  if (found.endpoint === '') {
    throw new RocError('ROC_UNREACHABLE', `${id} is ${found.status} and has no endpoint yet`, {
      hint: 'Wait until it is available.',
    });
  }
  return found;
}
