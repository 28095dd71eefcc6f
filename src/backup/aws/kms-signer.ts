/** Signs with an ECC_NIST_P256 key of KMS: the private key never leaves it, the public one verifies offline. */
import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { RocError } from '../../kernel/errors.js';
import type { Signer } from '../evidence/signer.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** @param key id, ARN or alias of a key with usage SIGN_VERIFY and spec ECC_NIST_P256 */
export async function kmsSigner(access: AwsAccess, key: string): Promise<Signer> {
  const call = async <T>(use: (client: KMSClient) => Promise<T>): Promise<T> => {
    const client = new KMSClient(access.options());
    try {
      return await use(client);
    } finally {
      client.destroy();
    }
  };
  const found = await call((client) =>
    callAws(access, 'kms:GetPublicKey', (abortSignal) =>
      client.send(new GetPublicKeyCommand({ KeyId: key }), { abortSignal }),
    ),
  );
  const publicKey = Buffer.from(found.PublicKey ?? []).toString('base64');
  if (!isP256(publicKey))
    throw new RocError('ROC_CONFIG_INVALID', `the signing key ${key} is not of spec ECC_NIST_P256`, {
      hint: 'Make a key with usage SIGN_VERIFY and spec ECC_NIST_P256.',
    });
  return {
    identity: { algorithm: 'ecdsa-p256-sha256', keyId: found.KeyId ?? key, publicKey },
    async sign(message) {
      const input = {
        KeyId: key,
        Message: message,
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      } as const;
      const { Signature } = await call((client) =>
        callAws(access, 'kms:Sign', (abortSignal) => client.send(new SignCommand(input), { abortSignal })),
      );
      if (Signature === undefined)
        throw new RocError('ROC_UNEXPECTED', 'kms:Sign: the answer holds no signature');
      return Buffer.from(Signature).toString('base64');
    },
  };
}

function isP256(spki: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}
