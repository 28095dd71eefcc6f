/** A runner's signed statement of who it is, traded for an access token: short, for us alone, and good once. */
import { decodeJwt, importJWK, jwtVerify } from 'jose';
import { RocError } from '../../kernel/errors.js';
import { MINUTE, SECOND } from '../../kernel/time.js';
import { SIGNING_ALG } from './key-ring.js';

const TYP = 'roc-assertion+jwt';
const MAX_LIFE_S = 60;
const CLOCK_SKEW_S = 60;

export interface VerifiedAssertion {
  readonly runnerId: string;
  readonly jti: string;
  /** Until when the jti must be remembered, epoch milliseconds. */
  readonly rememberUntil: number;
}

/** Which runner an assertion says it is from; says nothing about whether that is true. Null for what is no assertion. */
export function claimedRunner(assertion: string): string | null {
  try {
    const { iss, sub } = decodeJwt(assertion);
    return typeof iss === 'string' && iss === sub && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(iss) ? iss : null;
  } catch {
    return null;
  }
}

/**
 * Checks an assertion with the key that the runner registered (Ed25519, 32 bytes, base64url).
 * @throws RocError ROC_UNAUTHENTICATED, whatever is wrong with it
 */
export async function verifyAssertion(
  assertion: string,
  expected: { readonly runnerId: string; readonly signKey: string; readonly audience: string },
  now: number,
): Promise<VerifiedAssertion> {
  try {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: expected.signKey }, SIGNING_ALG);
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: [SIGNING_ALG],
      typ: TYP,
      issuer: expected.runnerId,
      subject: expected.runnerId,
      audience: expected.audience,
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(now),
      requiredClaims: ['iat', 'exp', 'jti'],
    });
    const { iat = 0, exp = 0, jti = '' } = payload;
    if (exp - iat > MAX_LIFE_S || !/^[\x21-\x7e]{8,190}$/.test(jti)) throw refusedAssertion();
    return { runnerId: expected.runnerId, jti, rememberUntil: exp * SECOND + MINUTE + CLOCK_SKEW_S * SECOND };
  } catch (cause) {
    throw refusedAssertion(cause);
  }
}

export function refusedAssertion(cause?: unknown): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'the runner is not known by this assertion', {
    hint: 'Check the clock of the host; a removed runner registers again with a new token.',
    cause,
  });
}
