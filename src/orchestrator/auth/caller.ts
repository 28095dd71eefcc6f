/** Who speaks: a signed-in person or a runner, always inside one tenant. */
import type { Grant } from '../decide/reach.js';
import type { RunnerIdentity } from '../store/runners.js';

export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly email: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly sessionId: string;
  readonly grants: readonly Grant[];
}

export interface RunnerCaller extends RunnerIdentity {
  readonly kind: 'runner';
}

export type Caller = UserCaller | RunnerCaller;
