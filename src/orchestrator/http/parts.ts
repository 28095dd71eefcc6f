/** What the handlers work with: built once when the server starts, handed to each resource's handlers. */
import type { Log } from '../../kernel/log.js';
import type { Checkpoints } from '../audit/checkpoints.js';
import type { Refusals } from '../audit/refusals.js';
import type { Auth } from '../auth/auth.js';
import type { JobChanges } from '../dispatch/job-changes.js';
import type { JobWaiters } from '../dispatch/job-waiters.js';
import type { Errands } from '../identity/errands.js';
import type { InputChecks } from '../inputs/check-input.js';
import type { Mail } from '../mail/mail.js';
import type { PackageDeps } from '../packages/store-package.js';
import type { Sso } from '../sso/sso.js';
import type { Store } from '../store/store.js';
import type { Metrics } from './metrics.js';

export interface ServerParts {
  readonly store: Store;
  readonly packages: PackageDeps;
  readonly inputs: InputChecks;
  readonly waiters: JobWaiters;
  readonly changes: JobChanges;
  readonly auth: Auth;
  readonly checkpoints: Checkpoints;
  readonly refusals: Refusals;
  /** Null where no identity provider is configured. */
  readonly sso: Sso | null;
  readonly mail: Mail;
  readonly errands: Errands;
  /** How others reach this server: never taken from a request. */
  readonly publicUrl: () => string;
  readonly metrics: Metrics;
  /** Whether runners read packages from the blob store themselves, where it can be reached. */
  readonly download: 'direct' | 'proxied';
  readonly log: Log;
}
