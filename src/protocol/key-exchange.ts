/** What a runner signs to have one key wrapped for it: shared names of the token that it makes and the server checks. */

/** A `typ` of its own (RFC 8725 §3.11): it is good for nothing but a key exchange. */
export const KEY_EXCHANGE_TYP = 'roc-key+jwt';

/** Seconds from `iat` to `exp`, at most. */
export const KEY_EXCHANGE_LIFE_S = 60;

/** What the token says beside `iss` (the runner), `sub` (the job), `aud`, `iat` and `exp`. */
export interface KeyExchangeClaims {
  /** The tenant's id. */
  readonly tid: string;
  /** Of the claim that the runner holds. */
  readonly epoch: number;
  /** Digest of the package whose key is wanted. */
  readonly digest: string;
  /** The X25519 public key that the key is to be wrapped for, 32 bytes, base64url. */
  readonly box: string;
}

/** From the audience that a runner was given when it registered to that of its key exchanges. */
export function keyExchangeAudience(assertionAudience: string): string {
  return `${assertionAudience.replace(/:token$/, '')}:key`;
}
