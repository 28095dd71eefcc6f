/** A runner's signed wish for the key of one package: short, for this installation, for one claim of one job. */
import { importJWK, jwtVerify } from 'jose';
import { RocError } from '../../kernel/errors.js';
import {
  KEY_EXCHANGE_LIFE_S,
  KEY_EXCHANGE_TYP,
  type KeyExchangeClaims,
  keyExchangeAudience,
} from '../../protocol/key-exchange.js';
import { SIGNING_ALG } from './key-ring.js';

export interface ExpectedExchange extends Omit<KeyExchangeClaims, 'tid' | 'box'> {
  readonly tenantId: string;
  readonly runnerId: string;
  readonly jobId: string;
  /** Ed25519 and X25519 as the runner registered them, base64url. */
  readonly signKey: string;
  readonly boxKey: string;
  /** Of the runner's assertions. */
  readonly audience: string;
}

const CLOCK_SKEW_S = 60;

/**
 * Nothing has to be remembered of it: what it brings is wrapped for the key that it names, and the lease must hold, so
 * that sent again by somebody else it brings nothing that can be opened.
 * @throws RocError ROC_FORBIDDEN, whatever is wrong with it
 */
export async function verifyKeyExchange(
  exchange: string,
  expected: ExpectedExchange,
  now: number,
): Promise<void> {
  const { runnerId, jobId, tenantId, epoch, digest, boxKey } = expected;
  try {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: expected.signKey }, SIGNING_ALG);
    const { payload } = await jwtVerify(exchange, key, {
      algorithms: [SIGNING_ALG],
      typ: KEY_EXCHANGE_TYP,
      issuer: runnerId,
      subject: jobId,
      audience: keyExchangeAudience(expected.audience),
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(now),
      requiredClaims: ['iat', 'exp'],
    });
    const { iat = 0, exp = 0, ...said } = payload;
    const wanted: KeyExchangeClaims = { tid: tenantId, epoch, digest, box: boxKey };
    const isSame = Object.entries(wanted).every(([name, value]) => said[name] === value);
    if (!isSame || exp - iat > KEY_EXCHANGE_LIFE_S) throw refused();
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause?: unknown): RocError {
  return new RocError('ROC_FORBIDDEN', 'this key exchange is not one of the runner that holds the job', {
    hint: 'Check the clock of the host; a runner whose keys were changed registers again.',
    cause,
  });
}
