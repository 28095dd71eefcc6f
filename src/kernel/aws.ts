/** Client options for every AWS client, and AWS's named errors in roc's words. Imports no client itself. */
import { profileRegion } from './aws-profile.js';
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
 * Where the AWS calls of one command go: flags, then environment, then the profile's own region. Never guessed.
 * @throws RocError ROC_REGION_MISSING
 */
export function resolveAwsTarget(
  flags: AwsFlags,
  env: Readonly<Record<string, string | undefined>>,
): AwsTarget {
  const profile = flags.profile || env['AWS_PROFILE'] || undefined;
  const region =
    flags.region ||
    env['AWS_REGION'] ||
    env['AWS_DEFAULT_REGION'] ||
    profileRegion(profile ?? 'default', env);
  if (!region) {
    throw new RocError('ROC_REGION_MISSING', 'no AWS region is set', {
      hint: 'Pass --region, set AWS_REGION, or give the profile a region in ~/.aws/config.',
    });
  }
  return { region, profile, endpointUrl: flags['endpoint-url'] || env['AWS_ENDPOINT_URL'] || undefined };
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

/**
 * Turns what an AWS client threw into a RocError that says which call failed (`ec2:DescribeInstances`); what no rule
 * knows comes back as it was.
 */
export function translateAwsError(error: unknown, call: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = String((error as { code?: unknown }).code);
  const rule =
    (SKEWED.test(`${error.name}: ${error.message}`) ? CLOCK_RULE : undefined) ??
    AWS_ERROR_RULES.find(({ names }) => names.test(error.name) || names.test(code)) ??
    ruleOfStatus(error);
  if (rule === undefined) return error;
  return new RocError(rule.code, `${call}: ${rule.says(error)}`, { hint: rule.hint, cause: error });
}

// A clock that is wrong makes good credentials look bad: by its name at S3, by its text elsewhere.
const SKEWED =
  /^(RequestTimeTooSkewed|RequestInTheFuture)\b|^(InvalidSignatureException|SignatureDoesNotMatch): Signature (expired|not yet current)/;

const CLOCK_RULE: AwsErrorRule = {
  names: SKEWED,
  code: 'ROC_CREDENTIALS_MISSING',
  hint: 'Set the clock of this host (`timedatectl`, chrony) and run the command again.',
  says: () => "AWS does not take signatures by this host's clock",
};

// What a proxy or a balancer answers in a service's place has a status and no name of its own.
const NAMELESS = /^(Error|UnknownError|SyntaxError|\d{3})$/;

function ruleOfStatus(error: Error): AwsErrorRule | undefined {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  if (!NAMELESS.test(error.name) || (status !== 429 && status < 500)) return undefined;
  const name = status === 429 ? 'Throttling' : 'ServiceUnavailable';
  const rule = AWS_ERROR_RULES.find(({ names }) => names.test(name));
  return rule === undefined || status === 429
    ? rule
    : { ...rule, says: () => `AWS, or something before it, answered ${status}` };
}

interface AwsErrorRule {
  readonly names: RegExp;
  readonly code: RocError['code'];
  readonly hint: NonNullable<RocErrorOptions['hint']>;
  readonly says: (error: Error) => string;
}

// The first rule that matches wins. Names differ from service to service for one and the same thing.
const AWS_ERROR_RULES: readonly AwsErrorRule[] = [
  {
    names:
      /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired|SSOTokenProviderFailure|TokenProviderError)$/,
    code: 'ROC_CREDENTIALS_MISSING',
    hint: 'Renew the credentials (`aws sso login`) and run the command again.',
    says: () => 'the AWS credentials have expired',
  },
  {
    names:
      /^(CredentialsProviderError|NoCredentials|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken(Exception)?|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature(Exception)?)$/,
    code: 'ROC_CREDENTIALS_MISSING',
    hint: 'Set AWS_PROFILE or pass --profile; `aws sso login` renews an SSO session.',
    says: () => 'no valid AWS credentials were found',
  },
  {
    names:
      /^(AccessDenied|AccessDeniedException|AccessDeniedFault|Forbidden|ForbiddenException|UnauthorizedOperation|UnauthorizedException|AuthorizationError(Exception)?|NotAuthorized(Exception)?|OptInRequired|KMSAccessDeniedException)$/,
    code: 'ROC_FORBIDDEN',
    hint: 'Ask for the missing permission that AWS names; `roc iam policy COMMAND` prints all that a command needs.',
    says: (error) => `AWS refused it: ${error.message}`,
  },
  {
    names:
      /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled(Exception)?|RateExceeded|SlowDown|ProvisionedThroughputExceededException|PriorRequestNotComplete)$/,
    code: 'ROC_THROTTLED',
    hint: 'Wait a minute and run it again; AWS limits the rate of this call.',
    says: () => 'AWS throttled it after all retries',
  },
  {
    names:
      /^(ServiceUnavailable(Exception)?|Unavailable|InternalFailure|InternalError|InternalServerError|InternalServerException|InternalServiceError(Exception)?|InternalServiceException)$/,
    code: 'ROC_UNAVAILABLE',
    hint: 'Run it again in some minutes; the AWS Health Dashboard tells of outages.',
    says: (error) => `AWS had a fault of its own (${error.name})`,
  },
  {
    names: /^(CERT_.*|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_.*|ERR_TLS_.*|EPROTO)$/,
    code: 'ROC_UNREACHABLE',
    hint: 'A proxy between here and AWS may need its authority in NODE_EXTRA_CA_CERTS.',
    says: (error) => `no trusted TLS connection (${error.message})`,
  },
  {
    names:
      /^(ECONNREFUSED|ENOTFOUND|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|TimeoutError|RequestTimeout(Exception)?|NetworkingError)$/,
    code: 'ROC_UNREACHABLE',
    hint: 'Check the network, --region and --endpoint-url.',
    says: (error) =>
      `the endpoint did not answer (${error.message || (error as { code?: string }).code || error.name})`,
  },
];
