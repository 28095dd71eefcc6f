/** Asks the server for the key of a package: a statement signed by this runner, an answer that only this runner opens. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { isRocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import {
  KEY_EXCHANGE_LIFE_S,
  KEY_EXCHANGE_TYP,
  type KeyExchangeClaims,
  keyExchangeAudience,
} from '../protocol/key-exchange.js';
import { unwrapKey } from '../protocol/package/key-wrap.js';
import { type Identity, publicKeyText } from './identity.js';
import { keepTrying } from './keep-trying.js';
import type { Link } from './link.js';
import type { JobOffer } from './package-cache.js';
import type { Timing } from './timing.js';
import { statusOf } from './verdict.js';

/** Both clocks are known to a second only. */
const AGE_S = 5;

/** A refusal that stays after this many tries is meant; one that goes was a proxy's. */
const MOST_REFUSALS = 5;

export interface KeyExchangeOptions {
  readonly identity: Identity;
  readonly link: Link;
  readonly timing: Timing;
  readonly signal: AbortSignal;
}

/** The data key, 32 bytes; waits for a server that is away. @throws RocError ROC_REFUSED where it was not sealed for this job and package */
export async function exchangeKey(offer: JobOffer, options: KeyExchangeOptions): Promise<Buffer> {
  const { identity, link, timing, signal } = options;
  const { jobId, epoch, package: named } = offer;
  const ask = async () => {
    const body = { epoch, exchange: await signExchange(offer, identity, link.serverNow()) };
    return link.call('runner.key', { params: { id: jobId }, body, signal });
  };
  const onFailure = (error: unknown, failures: number) => {
    if (failures >= MOST_REFUSALS && isRocError(error) && statusOf(error) === 403) throw error;
  };
  const { wrappedKey } = await keepTrying(ask, { kind: 'job', timing, signal, onFailure });
  const binding = { runnerId: identity.runnerId, jobId, epoch, digest: named.digest };
  return unwrapKey(identity.keys.box, wrappedKey, binding);
}

function signExchange(offer: JobOffer, identity: Identity, serverNow: number): Promise<string> {
  const { jobId, epoch, package: named } = offer;
  const at = Math.floor(serverNow / SECOND) - AGE_S;
  const claims: KeyExchangeClaims = {
    tid: named.tenantId,
    epoch,
    digest: named.digest,
    box: publicKeyText(identity.keys.box),
  };
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: KEY_EXCHANGE_TYP })
    .setIssuer(identity.runnerId)
    .setSubject(jobId)
    .setAudience(keyExchangeAudience(identity.audience))
    .setJti(randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + KEY_EXCHANGE_LIFE_S)
    .sign(identity.keys.sign);
}
