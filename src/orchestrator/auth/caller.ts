/** Who speaks: a signed-in person or a runner, always inside one tenant. */
import type { Permission } from '../../protocol/permissions.js';
import type { RunnerIdentity } from '../store/runners.js';

export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly email: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
  readonly permissions: ReadonlySet<Permission>;
}

export interface RunnerCaller extends RunnerIdentity {
  readonly kind: 'runner';
}

export type Caller = UserCaller | RunnerCaller;
