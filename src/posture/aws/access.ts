/** Credentials and one client a service for this room; a client is made when it is first asked for. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type AwsTarget, clientOptions } from '../../kernel/aws.js';
import { sendAws } from '../../kernel/aws-call.js';
import { clientCache } from '../../kernel/client-cache.js';

type ClientOptions = ReturnType<typeof clientOptions> & {
  readonly credentials: ReturnType<typeof fromNodeProviderChain>;
  /** Read by S3 alone: an emulator has no host name a bucket. */
  readonly forcePathStyle: boolean;
};

interface Reply {
  readonly $metadata: { readonly attempts?: number | undefined };
}

export interface AwsAccess {
  readonly target: AwsTarget;
  client<C extends object>(Client: new (options: ClientOptions) => C): C;
  /** One call, named for the error text. */
  ask<T extends Reply>(call: string, send: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Everything that the pages of a list hold. */
  collect<P, T>(
    call: string,
    pages: (signal: AbortSignal) => AsyncIterable<P>,
    itemsOf: (page: P) => readonly T[] | undefined,
  ): Promise<T[]>;
}

export function awsAccess(target: AwsTarget, signal?: AbortSignal): AwsAccess {
  const options = {
    ...clientOptions(target),
    credentials: fromNodeProviderChain({
      ...(target.profile === undefined ? {} : { profile: target.profile }),
      clientConfig: { region: target.region },
    }),
    forcePathStyle: target.endpointUrl !== undefined,
  };
  return {
    target,
    client: clientCache<ClientOptions>(options),
    ask: (call, send) => sendAws(call, send, { signal }),
    async collect<P, T>(
      call: string,
      pages: (signal: AbortSignal) => AsyncIterable<P>,
      itemsOf: (page: P) => readonly T[] | undefined,
    ): Promise<T[]> {
      const items: T[] = [];
      await sendAws(
        call,
        async (abortSignal) => {
          for await (const page of pages(abortSignal)) items.push(...(itemsOf(page) ?? []));
          return { $metadata: {} };
        },
        { signal },
      );
      return items;
    },
  };
}
