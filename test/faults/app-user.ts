/** The database user of the nodes, as RDS would have it: its password lies in Secrets Manager and can be rotated. */
import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createConnection } from 'mysql2/promise';
import type { Mariadb } from '../helpers/mariadb.js';
import type { Moto } from '../helpers/moto.js';

const USER = 'roc_app';

export interface AppUser {
  /** The address of the database for a node, without a password. */
  readonly url: string;
  /** Gives it another password at the database, ends all its connections, and after `lateMs` writes the secret. */
  rotate(lateMs: number): Promise<void>;
  /** Whether the database still lets in somebody with the password before this one. */
  takesFormerPassword(): Promise<boolean>;
  close(): void;
}

/** @param database its URL, with the administrator's password */
export async function createAppUser(mariadb: Mariadb, moto: Moto, database: string): Promise<AppUser> {
  const secrets = new SecretsManagerClient({
    ...{ region: 'us-east-1', endpoint: moto.url },
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
  const name = new URL(database).pathname.slice(1);
  let [password, former] = [newPassword(), ''];
  const text = () => JSON.stringify({ username: USER, password });
  await mariadb.execute(`create user ${USER}@'%' identified by '${password}'`);
  await mariadb.execute(`grant all on \`${name}\`.* to ${USER}@'%'`);
  const { ARN = '' } = await secrets.send(new CreateSecretCommand({ Name: name, SecretString: text() }));
  const at = Object.assign(new URL(database), { username: USER, password: '' });
  at.searchParams.set('auth', `secretsmanager:${ARN}`);
  return {
    url: at.href,
    rotate: async (lateMs) => {
      [password, former] = [newPassword(), password];
      await mariadb.execute(`alter user ${USER}@'%' identified by '${password}'`);
      await mariadb.execute(`kill user ${USER}@'%'`);
      await new Promise((resolve) => setTimeout(resolve, lateMs));
      await secrets.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: text() }));
    },
    takesFormerPassword: () => takes(Object.assign(new URL(database), { username: USER, password: former })),
    close: () => secrets.destroy(),
  };
}

async function takes(url: URL): Promise<boolean> {
  try {
    await (await createConnection({ uri: url.href })).end();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ER_ACCESS_DENIED_ERROR') return false;
    throw error;
  }
}

function newPassword(): string {
  return randomBytes(12).toString('hex');
}
