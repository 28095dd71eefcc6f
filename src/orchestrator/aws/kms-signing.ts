/** An Ed25519 key in AWS KMS, which never leaves it: its public half, and signatures made there. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { clientOptions, resolveAwsTarget, translateAwsError } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Signs bytes, at most 4096 of them where KMS does it. */
export type Sign = (bytes: Uint8Array) => Promise<Buffer>;

/** A person waits for it; the SDK has tried again by then. */
const CALL_LIMIT_MS = 10 * SECOND;

/**
 * The public half of a KMS key. The caller needs kms:GetPublicKey.
 * @throws RocError ROC_CONFIG_INVALID for a key that is none of Ed25519
 */
export async function readKmsPublicKey(arn: string, env: Env): Promise<KeyObject> {
  const answer = await withKms(arn, env, 'kms:GetPublicKey', (client, abortSignal) =>
    client.send(new GetPublicKeyCommand({ KeyId: arn }), { abortSignal }),
  );
  const isOurs = answer.KeySpec === 'ECC_NIST_EDWARDS25519' && answer.KeyUsage === 'SIGN_VERIFY';
  if (isOurs && answer.PublicKey !== undefined)
    return createPublicKey({ key: Buffer.from(answer.PublicKey), format: 'der', type: 'spki' });
  const spec = answer.KeySpec ?? answer.CustomerMasterKeySpec ?? 'another kind';
  throw new RocError('ROC_CONFIG_INVALID', `${arn} is a key of ${spec}, not one that signs with Ed25519`, {
    hint: 'Make one with key spec ECC_NIST_EDWARDS25519 and key usage SIGN_VERIFY.',
  });
}

/** The server's role needs kms:Sign on the key. */
export function kmsSigner(arn: string, env: Env): Sign {
  const client = new KMSClient(clientOptions(targetOf(arn, env)));
  return async (bytes) => {
    const command = new SignCommand({
      ...{ KeyId: arn, Message: bytes, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' },
    });
    const abortSignal = AbortSignal.timeout(CALL_LIMIT_MS);
    const { Signature } = await client.send(command, { abortSignal }).catch((error: unknown) => {
      throw translateAwsError(error, 'kms:Sign');
    });
    if (Signature?.length !== 64) throw new TypeError('KMS answered without an Ed25519 signature');
    return Buffer.from(Signature);
  };
}

async function withKms<T>(
  arn: string,
  env: Env,
  call: string,
  work: (client: KMSClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const client = new KMSClient(clientOptions(targetOf(arn, env)));
  try {
    return await work(client, AbortSignal.timeout(CALL_LIMIT_MS));
  } catch (error) {
    throw translateAwsError(error, call);
  } finally {
    client.destroy();
  }
}

/** arn:aws:kms:REGION:ACCOUNT:key/ID; a plain id lies in the region of the environment. */
function targetOf(arn: string, env: Env) {
  const [, , , region] = arn.startsWith('arn:') ? arn.split(':') : [];
  return resolveAwsTarget({ region }, env);
}
