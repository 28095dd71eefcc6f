/** Whom the live calls are made as: one region, one account, perhaps a role; all retries adapt to throttling. */
import { type AwsTarget, clientOptions, translateAwsError } from '../../kernel/aws.js';
import { isRocError, RocError } from '../../kernel/errors.js';
import { pageTokens } from '../../kernel/page-tokens.js';

export interface LiveTarget extends AwsTarget {
  /** Assumed before anything is read. */
  readonly roleArn?: string | undefined;
}

export interface LiveSession {
  readonly region: string;
  readonly account: string;
  /** To spread into any `new XClient({...})`. */
  readonly options: ReturnType<typeof clientOptions>;
}

/** @throws RocError ROC_CREDENTIALS_MISSING, ROC_FORBIDDEN, ROC_UNREACHABLE */
export async function openSession(target: LiveTarget): Promise<LiveSession> {
  const options = await optionsOf(target);
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(options);
  try {
    const as = target.roleArn === undefined ? '' : ` as ${target.roleArn}`;
    const identity = await call(`sts:GetCallerIdentity${as}`, () =>
      client.send(new GetCallerIdentityCommand({})),
    );
    return { region: target.region, account: identity.Account ?? 'unknown', options };
  } finally {
    client.destroy();
  }
}

// The SDK renews what it assumed before its hour is over.
async function optionsOf(target: LiveTarget): Promise<LiveSession['options']> {
  const options = clientOptions(target);
  if (target.roleArn === undefined) return options;
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const credentials = fromTemporaryCredentials({
    params: { RoleArn: target.roleArn, RoleSessionName: 'roc-vulns-report', DurationSeconds: 3600 },
    clientConfig: clientOptions(target),
  });
  return { ...options, credentials } as LiveSession['options'];
}

/** One call, its failure in roc's words. */
export async function call<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const translated = translateAwsError(error, name);
    if (translated instanceof RocError) throw translated;
    const message = error instanceof Error ? error.message : String(error);
    throw new RocError('ROC_UNAVAILABLE', `${name}: ${message}`, {
      hint: 'AWS refused the call for the reason above; check that the service is on in this region.',
      cause: error,
    });
  }
}

/** AWS's own name of what went wrong, where the failure of a {@link call} has one. */
export function awsErrorName(error: unknown): string {
  return isRocError(error) && error.cause instanceof Error ? error.cause.name : '';
}

/** Whatever else is asked, these would be the same: the whole reading ends. */
export function endsReading(error: unknown): boolean {
  return !isRocError(error) || error.code === 'ROC_CREDENTIALS_MISSING' || error.code === 'ROC_UNREACHABLE';
}

/** Every item of a paged listing, page by page; an empty token ends it, as a missing one does. */
export async function* pages<T>(
  read: (token: string | undefined) => Promise<{ items: T; next: string | undefined }>,
): AsyncGenerator<T, void, undefined> {
  const following = pageTokens('a list of findings');
  let token: string | undefined;
  do {
    const { items, next } = await read(token);
    yield items;
    token = following(next);
  } while (token !== undefined);
}
