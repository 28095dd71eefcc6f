/** What a runner does to get keys and assets of a job that it holds, as a test needs it: bent where it likes. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ReplyOf } from '../../src/protocol/contracts.js';
import { unwrapKey } from '../../src/protocol/package/key-wrap.js';
import { publicKeyText } from '../../src/runner/identity.js';
import type { TestRunner, TestServer } from './test-server.js';

export type TestOffer = ReplyOf<'runner.poll'>['jobs'][number];

/** Signs a key exchange for an offer. */
export function keyExchange(
  runner: TestRunner,
  { jobId, epoch, package: { tenantId, digest } }: TestOffer,
  change: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const at = Math.floor(Date.now() / 1000);
  return new SignJWT({
    ...{ iss: runner.id, sub: jobId, aud: runner.audience.replace(/:token$/, ':key'), jti: randomUUID() },
    ...{ iat: at, exp: at + 30, tid: tenantId, epoch, digest, box: publicKeyText(runner.boxKey) },
    ...change,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'roc-key+jwt', ...header })
    .sign(runner.signKey);
}

/** The data key of an offered package. */
export async function packageKey(
  server: Pick<TestServer, 'ok'>,
  runner: TestRunner,
  offer: TestOffer,
): Promise<Buffer> {
  const { jobId, epoch } = offer;
  const body = { epoch, exchange: await keyExchange(runner, offer) };
  const { wrappedKey } = await server.ok('runner.key', { token: runner.token, params: { id: jobId }, body });
  const binding = { runnerId: runner.id, jobId, epoch, digest: offer.package.digest };
  return unwrapKey(runner.boxKey, wrappedKey, binding);
}

/** Takes the one job that waits for this runner. */
export async function takeJob(server: Pick<TestServer, 'ok'>, runner: TestRunner): Promise<TestOffer> {
  const body = { sessionEpoch: runner.sessionEpoch, freeSlots: 1, waitMs: 0 };
  const { jobs } = await server.ok('runner.poll', { token: runner.token, body });
  const [offer] = jobs;
  if (offer === undefined) throw new TypeError('no job waits');
  return offer;
}
