/** `roc login` and `roc logout`: a session is opened and kept, or ended and forgotten. */
import { isRocError } from '../kernel/errors.js';
import { type ApiOptions, openApi, openPublicApi, sessionOf } from './api.js';
import { readSession, removeSession, type Session, sessionPath, writeSession } from './session-file.js';

export interface SignInOptions {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  readonly tenant: string | undefined;
  readonly otp: string | undefined;
  readonly env: ApiOptions['env'];
  readonly userAgent: string;
}

/**
 * Asks for the code of a second factor where the account has one and none was given.
 * @throws RocError ROC_UNAUTHENTICATED, ROC_OTP_NEEDED where nobody can be asked
 */
export async function signIn(
  options: SignInOptions,
  askCode: (() => Promise<string>) | null,
): Promise<Session> {
  try {
    return await signInOnce(options);
  } catch (error) {
    const isNeeded = isRocError(error) && error.code === 'ROC_OTP_NEEDED';
    if (!isNeeded || askCode === null) throw error;
    return signInOnce({ ...options, otp: await askCode() });
  }
}

async function signInOnce(options: SignInOptions): Promise<Session> {
  const { url, email, password, tenant, otp } = options;
  const api = openPublicApi(url, options.userAgent);
  const body = {
    ...{ email, password },
    ...(tenant === undefined ? {} : { tenant }),
    ...(otp === undefined ? {} : { otp }),
  };
  const session = sessionOf(url, await api.call('auth.login', { body }));
  await writeSession(sessionPath(options.env), session);
  return session;
}

export interface SignOut {
  /** The server that was signed out of, or null where nobody was signed in. */
  readonly url: string | null;
  /** False where the server could not be told; the session here is gone all the same. */
  readonly serverTold: boolean;
}

/** Ends the session at the server and forgets it here, the latter also when the server cannot be reached. */
export async function signOut(options: ApiOptions): Promise<SignOut> {
  const file = sessionPath(options.env);
  const session = await readSession(file).catch(() => null);
  if (session === null) {
    await removeSession(file);
    return { url: null, serverTold: true };
  }
  const env = { ...options.env, ROC_URL: session.url, ROC_TOKEN: undefined };
  try {
    const api = await openApi({ ...options, env });
    await api.call('auth.logout');
    return { url: session.url, serverTold: true };
  } catch (error) {
    // A session that the server no longer knows needs no end.
    return { url: session.url, serverTold: isRocError(error) && error.code === 'ROC_UNAUTHENTICATED' };
  } finally {
    await removeSession(file);
  }
}
