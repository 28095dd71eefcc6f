/** Client options for every AWS client, and AWS's named errors in roc's words. Imports no client itself. */
import { RocError, type RocErrorOptions } from './errors.js';

export interface AwsTarget {
  readonly region: string;
  readonly profile?: string | undefined;
  /** An emulator or a VPC endpoint; applies to every service. */
  readonly endpointUrl?: string | undefined;
}

export interface AwsFlags {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly 'endpoint-url'?: string | undefined;
}

/**
 * Where the AWS calls of one command go: flags, then environment. The region is never guessed.
 * @throws RocError ROC_REGION_MISSING
 */
export function resolveAwsTarget(
  flags: AwsFlags,
  env: Readonly<Record<string, string | undefined>>,
): AwsTarget {
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (!region) {
    throw new RocError('ROC_REGION_MISSING', 'no AWS region is set', {
      hint: 'Pass --region, or set AWS_REGION.',
    });
  }
  return {
    region,
    profile: flags.profile ?? env['AWS_PROFILE'],
    endpointUrl: flags['endpoint-url'] ?? env['AWS_ENDPOINT_URL'],
  };
}

/** Options to spread into any `new XClient({...})`. Credentials come from the default chain of the SDK. */
export function clientOptions(target: AwsTarget): {
  region: string;
  endpoint?: string;
  profile?: string;
  maxAttempts: number;
  retryMode: 'adaptive';
} {
  return {
    region: target.region,
    ...(target.endpointUrl === undefined ? {} : { endpoint: target.endpointUrl }),
    ...(target.profile === undefined ? {} : { profile: target.profile }),
    maxAttempts: 8,
    retryMode: 'adaptive',
  };
}

/** Turns what an AWS client threw into a RocError that says which call failed; anything else comes back as it was. */
export function translateAwsError(error: unknown, call: string): unknown {
  if (!(error instanceof Error)) return error;
  const rule = AWS_ERROR_RULES.find(
    ({ names }) => names.test(error.name) || names.test(String((error as { code?: unknown }).code)),
  );
  if (rule === undefined) return error;
  return new RocError(rule.code, `${call}: ${rule.says(error)}`, { hint: rule.hint, cause: error });
}

interface AwsErrorRule {
  readonly names: RegExp;
  readonly code: RocError['code'];
  readonly hint: NonNullable<RocErrorOptions['hint']>;
  readonly says: (error: Error) => string;
}

const AWS_ERROR_RULES: readonly AwsErrorRule[] = [
  {
    names:
      /^(CredentialsProviderError|NoCredentials|UnrecognizedClientException|InvalidClientTokenId|AuthFailure|SignatureDoesNotMatch)$/,
    code: 'ROC_CREDENTIALS_MISSING',
    hint: 'Set AWS_PROFILE or pass --profile; `aws sso login` renews an SSO session.',
    says: () => 'no valid AWS credentials were found',
  },
  {
    names:
      /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired|SSOTokenProviderFailure)$/,
    code: 'ROC_CREDENTIALS_MISSING',
    hint: 'Renew the credentials (`aws sso login`) and run the command again.',
    says: () => 'the AWS credentials have expired',
  },
  {
    names: /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|NotAuthorized)$/,
    code: 'ROC_FORBIDDEN',
    hint: 'Ask for the missing permission that AWS names.',
    says: (error) => `AWS refused it: ${error.message}`,
  },
  {
    names: /^(Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/,
    code: 'ROC_THROTTLED',
    hint: 'Wait a minute and run it again; AWS limits the rate of this call.',
    says: () => 'AWS throttled it after all retries',
  },
  {
    names:
      /^(ECONNREFUSED|ENOTFOUND|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|TimeoutError|NetworkingError)$/,
    code: 'ROC_UNREACHABLE',
    hint: 'Check the network, --region and --endpoint-url.',
    says: (error) => `the endpoint did not answer (${error.message})`,
  },
];
