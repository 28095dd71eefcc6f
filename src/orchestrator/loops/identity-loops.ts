/** What a node does unasked for who may do what: takes over rotated keys, empties tenants whose time is over. */
import type { Log } from '../../kernel/log.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import type { Authenticator } from '../auth/authenticate.js';
import type { SigningKeys } from '../auth/signing-keys.js';
import type { Blobs } from '../blobs/blobs.js';
import { purgeTenants } from '../store/purge-tenants.js';
import type { Store } from '../store/store.js';
import { type Loop, startLoop } from './loop.js';

export interface IdentityLoopParts {
  readonly store: Store;
  readonly auth: {
    readonly keys: SigningKeys;
    readonly authenticator: Pick<Authenticator, 'refreshRunners'>;
  };
  readonly packages: { readonly blobs: Blobs };
  readonly log: Log;
  readonly random: () => number;
}

/** With its jitter under five seconds: so late does a stolen key count on. */
const KEYS_EVERY_MS = 4 * SECOND;
/** With its jitter and the time that it takes, before what a runner was known to be counts no longer. */
const RUNNERS_EVERY_MS = 3 * SECOND;
const TENANTS_EVERY_MS = 10 * MINUTE;

export function identityLoops({ store, auth, packages, log, random }: IdentityLoopParts): Loop[] {
  const loop = (name: string, everyMs: number, round: () => Promise<unknown>) =>
    startLoop({ name, everyMs, round: () => round().then(() => ({ more: false })), log, random });
  return [
    loop('keys', KEYS_EVERY_MS, () => auth.keys.reload()),
    loop('runners', RUNNERS_EVERY_MS, () => auth.authenticator.refreshRunners()),
    loop('tenants', TENANTS_EVERY_MS, () => purgeTenants(store, packages.blobs)),
  ];
}
