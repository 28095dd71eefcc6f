/** Credentials and one client a service for this room; a client is made when it is first asked for. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type AwsTarget, clientOptions } from '../../kernel/aws.js';
import { clientCache } from '../../kernel/client-cache.js';

type ClientOptions = ReturnType<typeof clientOptions> & {
  readonly credentials: ReturnType<typeof fromNodeProviderChain>;
  /** Read by S3 alone: an emulator has no host name a bucket. */
  readonly forcePathStyle: boolean;
};

export interface AwsAccess {
  readonly target: AwsTarget;
  /** The same client each time, so that its adaptive rate limit holds for all calls to a service. */
  client<C extends object>(Client: new (options: ClientOptions) => C): C;
  /** One that asks once: for what must not happen twice because its answer was lost. */
  once<C extends object>(Client: new (options: ClientOptions) => C): C;
}

export function awsAccess(target: AwsTarget): AwsAccess {
  const credentials = fromNodeProviderChain({
    ...(target.profile === undefined ? {} : { profile: target.profile }),
    clientConfig: { region: target.region },
  });
  const options = {
    ...clientOptions(target),
    credentials,
    forcePathStyle: target.endpointUrl !== undefined,
  };
  return {
    target,
    client: clientCache<ClientOptions>(options),
    once: clientCache<ClientOptions>({ ...options, maxAttempts: 1 }),
  };
}
