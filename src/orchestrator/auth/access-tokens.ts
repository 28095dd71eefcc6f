/** Short-lived signed tokens, one type a kind of caller; a token of one kind is nothing to a verifier of another. */
import { createHash } from 'node:crypto';
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { RocError } from '../../kernel/errors.js';
import { type Clock, MINUTE, SECOND } from '../../kernel/time.js';
import type { Sign } from '../aws/kms-signing.js';
import { SIGNING_ALG } from './key-ring.js';
import type { SigningKeys } from './signing-keys.js';
import { createTokenCache } from './token-cache.js';

/** `typ` (RFC 8725 §3.11) and audience per kind: both must match. */
const KINDS = {
  user: { typ: 'roc-at+jwt', audience: 'api' },
  runner: { typ: 'roc-runner+jwt', audience: 'runner' },
  job: { typ: 'roc-job+jwt', audience: 'job' },
} as const;

export type TokenKind = keyof typeof KINDS;

/** Short enough that a stolen one is soon worthless, long enough that a node verifies few. */
const LIFETIME_MS = 10 * MINUTE;
const CLOCK_SKEW_S = 60;
const CACHED_TOKENS = 10_000;
/** A job that asks again is given the same one while half of its life is left: each signature may be a call of the KMS. */
const SAME_FOR_MS = 5 * MINUTE;
const CACHED_JOB_TOKENS = 1000;

export interface AccessClaims {
  readonly kind: TokenKind;
  /** The user, the runner or the job. */
  readonly subject: string;
  readonly tenantId: string;
  /** The session whose end ends the token; the runner's own id for a runner, and for a job that of its runner. */
  readonly sessionId: string;
  /** Of a job alone: of the claim whose end ends the token. */
  readonly epoch?: number | undefined;
}

interface IssuedToken {
  readonly token: string;
  readonly expiresAt: number;
}

export interface AccessTokens {
  issue(claims: AccessClaims): Promise<IssuedToken>;
  /** @throws RocError ROC_UNAUTHENTICATED, whatever is wrong with it */
  verify(token: string): Promise<AccessClaims>;
}

export function createAccessTokens(keys: SigningKeys, now: Clock): AccessTokens {
  const cache = createTokenCache<{ claims: AccessClaims; kid: string }>(CACHED_TOKENS, now);
  const ofJobs = createTokenCache<Promise<IssuedToken>>(CACHED_JOB_TOKENS, now);
  const issue = async ({ kind, subject, tenantId, sessionId, epoch }: AccessClaims) => {
    const issuedAt = Math.floor(now() / SECOND);
    const expiresAt = issuedAt * SECOND + LIFETIME_MS;
    const active = keys.active;
    const header = { alg: SIGNING_ALG, typ: KINDS[kind].typ, kid: active.kid };
    const payload = {
      ...{ iss: keys.issuer, aud: audienceOf(keys, kind), sub: subject, tid: tenantId, sid: sessionId },
      ...(epoch === undefined ? {} : { epoch }),
      ...{ iat: issuedAt, nbf: issuedAt, exp: expiresAt / SECOND },
    };
    const token = await compactJws(header, payload, active.sign);
    return { token, expiresAt };
  };
  return {
    issue: (claims) => {
      if (claims.kind !== 'job') return issue(claims);
      const { subject, tenantId, sessionId, epoch } = claims;
      // Under another key it is another token: a key that was thrown away takes what it signed with it.
      const which = [keys.active.kid, tenantId, sessionId, subject, epoch].join();
      const known = ofJobs.get(which);
      if (known !== undefined) return known;
      const issued = issue(claims);
      ofJobs.set(which, issued, now() + SAME_FOR_MS);
      issued.catch(() => ofJobs.delete(which));
      return issued;
    },
    verify: async (token) => {
      // The hash, not the token, is the key: what is left in memory cannot be used as a credential.
      const digest = createHash('sha256').update(token).digest('base64url');
      const known = cache.get(digest);
      // A key that was thrown away takes what it signed with it, also what was verified before.
      if (known !== undefined && keys.verifiers.has(known.kid)) return known.claims;
      const { claims, kid, expiresAt } = await verifyToken(keys, token, now());
      cache.set(digest, { claims, kid }, expiresAt);
      return claims;
    },
  };
}

/** RFC 7515 §7.1. */
async function compactJws(header: object, payload: object, sign: Sign): Promise<string> {
  const encoded = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const input = encoded.join('.');
  return `${input}.${(await sign(Buffer.from(input))).toString('base64url')}`;
}

/** The audience of a runner's signed assertion: this installation's token endpoint. */
export function assertionAudience(keys: SigningKeys): string {
  return `${keys.issuer}:token`;
}

async function verifyToken(
  keys: SigningKeys,
  token: string,
  now: number,
): Promise<{ claims: AccessClaims; kid: string; expiresAt: number }> {
  try {
    const { typ, kid = '' } = decodeProtectedHeader(token);
    const kind = kindOf(typ);
    const key = keys.verifiers.get(kid);
    if (kind === null || key === undefined) throw refused();
    const { payload } = await jwtVerify(token, key, {
      algorithms: [SIGNING_ALG],
      typ: KINDS[kind].typ,
      issuer: keys.issuer,
      audience: audienceOf(keys, kind),
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'nbf', 'iat', 'sub', 'tid', 'sid'],
    });
    return { ...claimsOf(kind, payload), kid };
  } catch (cause) {
    throw refused(cause);
  }
}

function claimsOf(kind: TokenKind, payload: JWTPayload): { claims: AccessClaims; expiresAt: number } {
  const { sub, exp, iat, tid, sid, epoch } = payload;
  const isJob = kind === 'job';
  const isBound = isJob ? Number.isInteger(epoch) : epoch === undefined;
  const isText = typeof sub === 'string' && typeof tid === 'string' && typeof sid === 'string';
  // A long-lived token with our signature would be a fault of ours: it is not honoured either.
  const isShort = exp !== undefined && iat !== undefined && exp - iat <= LIFETIME_MS / SECOND;
  if (!isText || !isShort || !isBound) throw refused();
  const claims = {
    kind,
    subject: sub,
    tenantId: tid,
    sessionId: sid,
    ...(isJob ? { epoch: epoch as number } : {}),
  };
  return { claims, expiresAt: (exp + CLOCK_SKEW_S) * SECOND };
}

function kindOf(typ: string | undefined): TokenKind | null {
  const found = Object.entries(KINDS).find(([, kind]) => kind.typ === typ);
  return found === undefined ? null : (found[0] as TokenKind);
}

function audienceOf(keys: SigningKeys, kind: TokenKind): string {
  return `${keys.issuer}:${KINDS[kind].audience}`;
}

function refused(cause?: unknown): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'the access token is not valid', {
    hint: 'Sign in again (`roc login`), or renew the token.',
    cause,
  });
}
