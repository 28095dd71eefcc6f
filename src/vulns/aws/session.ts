/** Where the live calls go: region by region, with a role for other accounts; all retries adapt to throttling. */
import { type AwsTarget, clientOptions, translateAwsError } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';

export interface LiveTarget extends AwsTarget {
  /** Assumed before anything is read. */
  readonly roleArn?: string | undefined;
}

export async function liveClientOptions(target: LiveTarget): Promise<ReturnType<typeof clientOptions>> {
  const options = clientOptions(target);
  if (target.roleArn === undefined) return options;
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const credentials = fromTemporaryCredentials({
    params: { RoleArn: target.roleArn, RoleSessionName: 'roc-vulns-report', DurationSeconds: 3600 },
    clientConfig: clientOptions(target),
  });
  return { ...options, credentials } as ReturnType<typeof clientOptions>;
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

/** The account whose credentials these are. */
export async function accountOf(target: LiveTarget): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(await liveClientOptions(target));
  try {
    const identity = await call('sts:GetCallerIdentity', () => client.send(new GetCallerIdentityCommand({})));
    return identity.Account ?? 'unknown';
  } finally {
    client.destroy();
  }
}
