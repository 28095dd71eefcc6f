/** The tables around signing in: one-time links, counted tries, second factors, people of an identity provider. */
import type { Generated } from 'kysely';

export interface OneTimeLinkTable {
  id: string;
  /** `invite`: into a tenant with a role; `password`, `second-factor`: for an account. */
  kind: 'invite' | 'password' | 'second-factor';
  tenant_id: string | null;
  user_id: string | null;
  email: string;
  token_hash: string;
  role: string | null;
  scope_kind: 'tenant' | 'project' | 'process' | null;
  scope_id: string | null;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

/** Tries that are left, in thousandths, as of `counted_at`; a bucket that is not there is full. */
export interface SignInBucketTable {
  bucket: string;
  level: number;
  counted_at: number;
  /** From then on it is full again, and forgotten. */
  expires_at: number;
}

export interface SecondFactorTable {
  user_id: string;
  /** Sealed with the key that is wrapped beside it. */
  secret: string;
  wrapped_key: string;
  created_at: number;
  confirmed_at: number | null;
  /** The newest time step that was used: neither it nor an older one counts again. */
  last_step: number;
}

export interface RecoveryCodeTable {
  user_id: string;
  code_hash: string;
  used_at: Generated<number | null>;
}

export interface SsoIdentityTable {
  issuer: string;
  subject: string;
  user_id: string;
  created_at: number;
}

/** A sign-in through an identity provider on its way: begun by a browser, ended by the command that waits for it. */
export interface SsoAttemptTable {
  id: string;
  state: string;
  nonce: string;
  verifier: string;
  challenge: string;
  port: number;
  code_hash: string | null;
  session_user: string | null;
  expires_at: number;
}
