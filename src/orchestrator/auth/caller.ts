/** Who speaks: a signed-in person or a runner, always inside one tenant. */
import type { Permission } from '../../protocol/permissions.js';

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

export interface RunnerCaller {
  readonly kind: 'runner';
  readonly runnerId: string;
  readonly tenantId: string;
}

export type Caller = UserCaller | RunnerCaller;
