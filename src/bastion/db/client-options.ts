/** What clients need to sign in through a local port: a DSN, and an option file that keeps the password out of argv. Pure. */
import type { SignIn } from './sign-in.js';

export type ClientFlavour = 'mariadb' | 'mysql';

export interface LocalPort {
  readonly host: string;
  readonly port: number;
}

/** `mysql://user:password@127.0.0.1:13306/database`, each part escaped. */
export function dsnOf({ user, password, database }: SignIn, { host, port }: LocalPort): string {
  const [name, secret] = [user, password].map(encodeURIComponent);
  return `mysql://${name}:${secret}@${host}:${port}/${database ?? ''}`;
}

/** The text of an option file for `--defaults-extra-file`. */
export function optionFile(
  signIn: SignIn,
  local: LocalPort,
  flavour: ClientFlavour,
  caFile: string | undefined,
): string {
  const options: [string, string | null][] = [
    ['host', local.host],
    ['port', String(local.port)],
    ['protocol', 'tcp'],
    ['user', signIn.user],
    ['password', signIn.password],
    ...(caFile === undefined ? [] : ([['ssl-ca', caFile]] as [string, string][])),
    // The name cannot be checked by a client that connects to localhost; roc has checked it before.
    ...(flavour === 'mysql'
      ? ([['ssl-mode', caFile === undefined ? 'REQUIRED' : 'VERIFY_CA']] as [string, string][])
      : ([['ssl', null]] as [string, null][])),
    ...(signIn.auth === 'iam' && flavour === 'mysql'
      ? ([['enable-cleartext-plugin', null]] as [string, null][])
      : []),
  ];
  return `[client]\n${options.map(([key, value]) => (value === null ? key : `${key}=${quoted(value)}`)).join('\n')}\n`;
}

// A line break would begin another option: the secret is not its owner's place to give the client orders.
function quoted(value: string): string {
  const text = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
}
