/** Signs with an ECC_NIST_P256 key of KMS: the private key never leaves it, the public one verifies offline. */
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { RocError } from '../../kernel/errors.js';
import type { Signer } from '../evidence/signer.js';
import { callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** @param key id, ARN or alias of a key with usage SIGN_VERIFY and spec ECC_NIST_P256 */
export function kmsSigner(access: AwsAccess, key: string): Signer {
  return {
    async sign(message) {
      const client = new KMSClient(access.options());
      try {
        const found = await callAws(access, 'kms:GetPublicKey', (abortSignal) =>
          client.send(new GetPublicKeyCommand({ KeyId: key }), { abortSignal }),
        );
        if (found.KeySpec !== 'ECC_NIST_P256' || found.PublicKey === undefined)
          throw new RocError(
            'ROC_CONFIG_INVALID',
            `the signing key ${key} is ${found.KeySpec}, expected ECC_NIST_P256`,
            {
              hint: 'Make a key with usage SIGN_VERIFY and spec ECC_NIST_P256.',
            },
          );
        const signed = await callAws(access, 'kms:Sign', (abortSignal) =>
          client.send(
            new SignCommand({
              KeyId: key,
              Message: message,
              MessageType: 'RAW',
              SigningAlgorithm: 'ECDSA_SHA_256',
            }),
            { abortSignal },
          ),
        );
        return {
          algorithm: 'ecdsa-p256-sha256',
          keyId: found.KeyId ?? key,
          publicKey: Buffer.from(found.PublicKey).toString('base64'),
          value: Buffer.from(signed.Signature ?? []).toString('base64'),
        };
      } finally {
        client.destroy();
      }
    },
  };
}
