/** Whether the copy is as guarded as its source: encrypted with its key, reachable by TLS only, by nobody else. */

import type { CheckInput } from '../check-input.js';
import type { SecurityCheck } from '../model.js';
import type { Check, Outcome } from './context.js';

/** `tls-identity` is always among them: no other result means anything without it. */
export function securityChecks(input: CheckInput): Check[] {
  const wanted = new Set<SecurityCheck>(input.asset.checks.security);
  const checks: [string, () => Promise<Outcome> | Outcome][] = [['tls-identity', () => tlsIdentity(input)]];
  if (wanted.has('tls-required')) checks.push(['tls-required', () => tlsRequired(input)]);
  if (wanted.has('storage-encrypted')) checks.push(['storage-encrypted', () => storageEncrypted(input)]);
  if (wanted.has('kms-key-matches')) checks.push(['kms-key-matches', () => kmsKeyMatches(input)]);
  if (wanted.has('not-public')) checks.push(['not-public', () => notPublic(input)]);
  return checks.map(([name, run]) => ({ id: `security:${name}`, critical: true, run: async () => run() }));
}

async function tlsIdentity({ connector, restored }: CheckInput): Promise<Outcome> {
  const connection = await connector.connect();
  await connection.close();
  const { protocol, cipher, subject, issuer } = connection.tls;
  return {
    verdict: 'pass',
    expected: `a certificate of ${restored.host ?? restored.id} signed by the trusted authorities`,
    actual: `proved over ${protocol}`,
    details: { protocol, cipher, subject, issuer },
  };
}

// First the same credentials over TLS: a server answers a wrong password and a refused plain connection alike.
async function tlsRequired({ connector }: CheckInput): Promise<Outcome> {
  const expected = 'connections without TLS are refused';
  const connection = await connector.connect();
  const [row] = await connection
    .query('SELECT @@require_secure_transport AS required')
    .finally(() => connection.close());
  const required = /^(1|ON)$/i.test(String(row?.['required']));
  const isPlainTaken = await connector.acceptsPlaintext();
  const details = { requireSecureTransport: required, plaintextTaken: isPlainTaken };
  if (isPlainTaken)
    return { verdict: 'fail', expected, actual: 'the same user signed in without TLS', details };
  if (!required)
    return {
      verdict: 'fail',
      expected,
      actual: 'refused for this user only: require_secure_transport is off',
      details,
    };
  return { verdict: 'pass', expected, actual: 'refused, and require_secure_transport is on', details };
}

function storageEncrypted({ restored, point }: CheckInput): Outcome {
  const state = (isEncrypted: boolean) => (isEncrypted ? 'encrypted' : 'in the clear');
  return {
    verdict: restored.encrypted && point.encrypted ? 'pass' : 'fail',
    expected: 'point and copy encrypted',
    actual: `point ${state(point.encrypted)}, copy ${state(restored.encrypted)}`,
  };
}

function kmsKeyMatches({ restored, source, point }: CheckInput): Outcome {
  const expected = source?.kmsKeyId ?? point.kmsKeyId;
  const from = source?.kmsKeyId ? 'the source' : 'the point';
  if (expected === null)
    return {
      verdict: 'inconclusive',
      expected: 'the key of the source',
      actual: 'neither source nor point names a key',
    };
  const isSame = keyName(restored.kmsKeyId) === keyName(expected);
  return {
    verdict: isSame ? 'pass' : 'fail',
    expected: `the key of ${from}, ${keyName(expected)}`,
    actual: restored.kmsKeyId === null ? 'no key' : keyName(restored.kmsKeyId),
  };
}

function notPublic({ restored }: CheckInput): Outcome {
  return {
    verdict: restored.publiclyAccessible ? 'fail' : 'pass',
    expected: 'no public address',
    actual: restored.publiclyAccessible ? 'publicly accessible' : 'private',
  };
}

/** `arn:aws:kms:…:key/ID` and `ID` are one key. */
function keyName(id: string | null): string {
  return id?.replace(/^arn:[^:]+:kms:[^:]*:[^:]*:key\//, '') ?? '';
}
