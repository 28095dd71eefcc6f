/** Who speaks: a signed-in person, a program with an API key, or a runner, always inside one tenant. */
import type { Grant } from '../decide/reach.js';
import type { RunnerIdentity } from '../store/runners.js';
import type { KeyQuota } from './quotas.js';

export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly email: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly sessionId: string;
  /** The tenant demands a second factor, and this person has none: they hold nothing until they do. */
  readonly mustEnrol: boolean;
  readonly grants: readonly Grant[];
}

export interface KeyCaller {
  readonly kind: 'key';
  readonly keyId: string;
  /** `key:` and the consumer's name: whom what it makes is said to be made by. */
  readonly email: string;
  readonly tenantId: string;
  readonly tenant: string;
  /** Its scopes, on the whole tenant. */
  readonly grants: readonly Grant[];
  readonly quota: KeyQuota;
}

export interface RunnerCaller extends RunnerIdentity {
  readonly kind: 'runner';
}

/** A robot that runs now, through its runner, under one claim. */
export interface JobCaller {
  readonly kind: 'job';
  readonly jobId: string;
  readonly epoch: number;
  readonly tenantId: string;
  readonly runner: RunnerIdentity;
}

export type Caller = UserCaller | KeyCaller | RunnerCaller | JobCaller;
