/** Credentials for every client of this room, from the provider chain of the SDK, and forgettable. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type AwsTarget, clientOptions } from '../../kernel/aws.js';

type CredentialProvider = ReturnType<typeof fromNodeProviderChain>;

export interface AwsAccess {
  readonly target: AwsTarget;
  /** Options for `new XClient(…)`, with the credentials of this access. */
  options(): ReturnType<typeof clientOptions> & { credentials: CredentialProvider };
  credentials: CredentialProvider;
  /** Counts {@link refresh}es: a client made before the last one is old. */
  readonly generation: number;
  /** Reads profile, SSO cache or metadata anew with the next call. */
  refresh(): void;
}

export function awsAccess(target: AwsTarget): AwsAccess {
  const chain = () =>
    fromNodeProviderChain({
      ...(target.profile === undefined ? {} : { profile: target.profile }),
      clientConfig: { region: target.region },
      ignoreCache: true,
    });
  let provider = chain();
  let generation = 0;
  const credentials: CredentialProvider = (input) => provider(input);
  return {
    target,
    credentials,
    options: () => ({ ...clientOptions(target), credentials }),
    get generation() {
      return generation;
    },
    refresh() {
      provider = chain();
      generation++;
    },
  };
}
