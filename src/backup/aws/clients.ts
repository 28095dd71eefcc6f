/** Credentials for every client of this room, from the provider chain of the SDK, and forgettable. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type AwsTarget, clientOptions } from '../../kernel/aws.js';

type CredentialProvider = ReturnType<typeof fromNodeProviderChain>;

export interface AwsAccess {
  readonly target: AwsTarget;
  /** Options for `new XClient(…)`, with the credentials of this access. */
  options(): ReturnType<typeof clientOptions> & { credentials: CredentialProvider };
  readonly credentials: CredentialProvider;
  /** Reads profile, SSO cache or metadata anew with the next call. */
  refresh(): void;
  /** Told the request id of each call that AWS answered. */
  onRequest: (call: string, requestId: string) => void;
}

export function awsAccess(target: AwsTarget): AwsAccess {
  const chain = () =>
    fromNodeProviderChain({
      ...(target.profile === undefined ? {} : { profile: target.profile }),
      clientConfig: { region: target.region },
      ignoreCache: true,
    });
  let provider = chain();
  const credentials: CredentialProvider = (input) => provider(input);
  return {
    target,
    credentials,
    options: () => ({ ...clientOptions(target), credentials }),
    refresh() {
      provider = chain();
    },
    onRequest: () => {},
  };
}

/** The same access in another region. */
export function inRegion(access: AwsAccess, region: string): AwsAccess {
  return {
    ...access,
    target: { ...access.target, region },
    options: () => ({ ...access.options(), region }),
  };
}
