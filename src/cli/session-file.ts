/** The CLI's session on disk: one file that only its owner may read, written whole or not at all. */
import { randomUUID } from 'node:crypto';
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';

/** What `roc login` keeps. Never printed. */
export interface Session {
  /** Origin of the server that these tokens are for, and that alone. */
  readonly url: string;
  readonly tenant: string;
  readonly user: { readonly id: string; readonly email: string };
  readonly accessToken: string;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
  readonly refreshToken: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/roc/session.json`; a relative XDG_CONFIG_HOME is ignored, as its specification says. */
export function sessionPath(env: Environment): string {
  const named = env['XDG_CONFIG_HOME'];
  const folder = named?.startsWith('/') || /^[a-z]:[\\/]/i.test(named ?? '') ? named : undefined;
  return join(folder ?? join(env['HOME'] || homedir(), '.config'), 'roc', 'session.json');
}

/**
 * The session, or null where there is none.
 * @throws RocError ROC_CONFIG_INVALID where the file cannot be read or holds something else
 */
export async function readSession(file: string): Promise<Session | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new RocError('ROC_CONFIG_INVALID', `the session file ${file} cannot be read`, {
      hint: 'Check its owner and permissions (0600), or remove it and run `roc login`.',
      cause,
    });
  }
  const session = parseSession(text);
  if (session === null) {
    throw new RocError('ROC_CONFIG_INVALID', `the session file ${file} is damaged`, {
      hint: 'Sign in again with `roc login`; that writes a new one.',
    });
  }
  return session;
}

/** Writes beside and renames, so that another roc reads the old session or the new one, never half of one. */
export async function writeSession(file: string, session: Session): Promise<void> {
  const folder = dirname(file);
  const temporary = `${file}.${randomUUID()}`;
  try {
    await makeFolder(folder, 0o700);
    await chmod(folder, 0o700);
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(session, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new RocError('ROC_CONFIG_INVALID', `the session cannot be kept in ${folder}`, {
      hint: 'Check that the folder can be written, or set XDG_CONFIG_HOME to one that can.',
      cause,
    });
  }
}

export async function removeSession(file: string): Promise<void> {
  await rm(file, { force: true });
}

function parseSession(text: string): Session | null {
  try {
    const value = JSON.parse(text) as Partial<Session> | null;
    const texts = [
      value?.url,
      value?.tenant,
      value?.accessToken,
      value?.expiresAt,
      value?.refreshToken,
      value?.user?.id,
      value?.user?.email,
    ];
    return texts.every((part) => typeof part === 'string') ? (value as Session) : null;
  } catch {
    return null;
  }
}
