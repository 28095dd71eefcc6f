/** Verifies evidence offline: every byte is canonical and signed, and its neighbours in the chain agree with it. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { isRocError, RocError } from '../../kernel/errors.js';
import type { Verdict } from '../results.js';
import { type EvidenceFile, fileName, readEvidence } from './folder.js';
import type { Evidence } from './model.js';
import { isSignedBy, messageOf } from './signer.js';

export interface Finding {
  readonly id: 'form' | 'signature' | 'key' | 'chain';
  readonly verdict: Verdict;
  readonly why: string;
}

export interface EvidenceVerdict {
  readonly verdict: Verdict;
  readonly file: string;
  readonly sha256: string;
  readonly run: string;
  readonly findings: readonly Finding[];
}

/**
 * @param trusted the signer's public key, got from elsewhere; without it the file can only be held against itself
 */
export async function verifyEvidence(file: string, trusted: KeyObject | null): Promise<EvidenceVerdict> {
  const found = await readEvidence(file);
  const { evidence } = found;
  const findings = [form(found), signature(evidence), key(evidence, trusted), await chain(found)];
  const has = (verdict: Verdict) => findings.some((finding) => finding.verdict === verdict);
  const verdict = has('fail') ? 'fail' : has('inconclusive') ? 'inconclusive' : 'pass';
  return { verdict, file, sha256: found.sha256, run: evidence.report.run, findings };
}

/** Reads a public key: PEM, or the DER that KMS gives. @throws RocError ROC_USAGE */
export async function readPublicKey(file: string): Promise<KeyObject> {
  try {
    const bytes = await readFile(file);
    if (bytes.includes('PRIVATE KEY')) throw new TypeError('a private key');
    return bytes.includes('-----BEGIN')
      ? createPublicKey(bytes)
      : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new RocError('ROC_USAGE', `${file} holds no public key`, {
      hint: 'Name the PEM or DER file of the key that signs evidence (for a local key, its .pub file).',
      cause,
    });
  }
}

// One form only: white space, another order or a repeated member would be bytes that nobody signed.
function form({ bytes, evidence }: EvidenceFile): Finding {
  const isCanonical = Buffer.from(canonicalJson(evidence)).equals(bytes);
  return {
    id: 'form',
    verdict: isCanonical ? 'pass' : 'fail',
    why: isCanonical ? 'canonical JSON' : 'its bytes are not the canonical form of what it says',
  };
}

function signature(evidence: Evidence): Finding {
  const isValid = verifyWithKey(evidence, embeddedKey(evidence));
  return {
    id: 'signature',
    verdict: isValid ? 'pass' : 'fail',
    why: isValid
      ? `${evidence.signature.algorithm} by ${evidence.signature.keyId}`
      : 'it does not fit what the file says',
  };
}

function key(evidence: Evidence, trusted: KeyObject | null): Finding {
  if (trusted === null)
    return {
      id: 'key',
      verdict: 'inconclusive',
      why: 'no trusted key was given: anybody could have signed it (--key FILE)',
    };
  const isValid = verifyWithKey(evidence, trusted);
  return {
    id: 'key',
    verdict: isValid ? 'pass' : 'fail',
    why: isValid ? 'signed by the trusted key' : 'not signed by the trusted key',
  };
}

async function chain({ file, sha256, evidence }: EvidenceFile): Promise<Finding> {
  const { number, previous } = evidence.chain;
  const at = (n: number) => neighbour(join(dirname(file), fileName(n)));
  const finding = (verdict: Verdict, why: string): Finding => ({ id: 'chain', verdict, why });
  if ((number === 1) !== (previous === null))
    return finding('fail', 'only the first report has none before it');
  const after = await at(number + 1);
  if (after !== null && after.evidence.chain.previous !== sha256)
    return finding('fail', `report ${number + 1} was chained to another report ${number}`);
  if (previous === null) return finding('pass', 'the first report');
  const before = await at(number - 1);
  if (before === null) return finding('inconclusive', `report ${number - 1} is not beside it`);
  if (before.sha256 !== previous)
    return finding('fail', `report ${number - 1} beside it is not the one it was chained to`);
  return finding(
    'pass',
    `follows report ${number - 1}${after === null ? '' : `, and report ${number + 1} follows it`}`,
  );
}

async function neighbour(file: string): Promise<EvidenceFile | null> {
  try {
    return await readEvidence(file);
  } catch (error) {
    if (isRocError(error) && error.code === 'ROC_NOT_FOUND') return null;
    throw error;
  }
}

function verifyWithKey({ signature: signed, ...rest }: Evidence, publicKey: KeyObject | null): boolean {
  const { value: _, ...identity } = signed;
  return publicKey !== null && isSignedBy(publicKey, messageOf({ ...rest, signature: identity }), signed);
}

function embeddedKey({ signature: { publicKey } }: Evidence): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}
