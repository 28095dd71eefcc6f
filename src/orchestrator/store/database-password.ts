/** Where the password of a MySQL user comes from: the URL, Secrets Manager, or a token that is made for each sign-in. */
import { RocError } from '../../kernel/errors.js';
import { type Clock, MINUTE } from '../../kernel/time.js';
import type { MysqlUrl } from './database-url.js';

type Env = Readonly<Record<string, string | undefined>>;

export interface DatabasePassword {
  /** For the next connection. */
  current(): Promise<string | undefined>;
  /** After the database has refused it: asks anew where it comes from. @returns whether it is another one now */
  renew(): Promise<boolean>;
}

/** A token is good for 15 minutes (RDS "IAM database authentication"): one that is old by half is not used any more. */
const TOKEN_MS = 7 * MINUTE;

export function databasePassword(url: MysqlUrl, env: Env, now: Clock = Date.now): DatabasePassword {
  if (url.auth === 'password') return { current: async () => url.password, renew: async () => false };
  if (url.auth === 'iam') return madePassword(() => tokenFor(url, env), TOKEN_MS, now);
  const { secret } = url.auth;
  return madePassword(() => passwordIn(secret, url.user, env), Number.POSITIVE_INFINITY, now);
}

/** Asks once for all who want it meanwhile. */
function madePassword(make: () => Promise<string>, goodForMs: number, now: Clock): DatabasePassword {
  let held: { readonly password: string; readonly since: number } | null = null;
  let asking: Promise<string> | null = null;
  const ask = () => {
    asking ??= make()
      .then((password) => {
        held = { password, since: now() };
        return password;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  };
  return {
    current: async () => (held !== null && now() - held.since < goodForMs ? held.password : ask()),
    renew: async () => {
      const former = held?.password;
      return (await ask()) !== former;
    },
  };
}

async function tokenFor(url: MysqlUrl, env: Env): Promise<string> {
  const { rdsToken } = await import('../secrets/aws.js');
  return rdsToken(url, env);
}

async function passwordIn(arn: string, user: string, env: Env): Promise<string> {
  const { readSecret } = await import('../secrets/aws.js');
  const secret = parsed(await readSecret(arn, env));
  if (typeof secret?.['password'] !== 'string') {
    throw new RocError('ROC_CONFIG_INVALID', `the secret ${arn} holds no password`, {
      hint: 'Write it as RDS does: JSON with username and password.',
    });
  }
  // The master's secret beside the application's user is a mistake that would show as "access denied" only.
  if (secret['username'] !== undefined && secret['username'] !== user) {
    throw new RocError('ROC_CONFIG_INVALID', `the secret ${arn} is of another user than ${user}`, {
      hint: 'Name the secret of the application user, never that of the master user.',
    });
  }
  return secret['password'];
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
