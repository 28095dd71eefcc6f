/** KMS data keys for encrypted sessions. */
import { DescribeKeyCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { RocError } from '../../kernel/errors.js';
import { awsErrorName, callAws } from './call.js';
import type { AwsAccess } from './clients.js';

/** 64 bytes of key under `keyId`, bound to the encryption context. */
export async function generateDataKey(
  access: AwsAccess,
  keyId: string,
  encryptionContext: Readonly<Record<string, string>>,
): Promise<{ plaintext: Uint8Array; sealed: Uint8Array }> {
  const client = new KMSClient(access.options());
  try {
    const reply = await callAws('kms:GenerateDataKey', (abortSignal) =>
      client.send(
        new GenerateDataKeyCommand({
          KeyId: keyId,
          NumberOfBytes: 64,
          EncryptionContext: { ...encryptionContext },
        }),
        { abortSignal },
      ),
    );
    if (!reply.Plaintext || !reply.CiphertextBlob) {
      throw new RocError('ROC_UNEXPECTED', 'kms:GenerateDataKey: the answer holds no key');
    }
    return { plaintext: reply.Plaintext, sealed: reply.CiphertextBlob };
  } finally {
    client.destroy();
  }
}

/** KMS's state of a key (`Enabled`, `Disabled`, …); null when there is none of that name. */
export async function keyState(access: AwsAccess, keyId: string): Promise<string | null> {
  const client = new KMSClient(access.options());
  try {
    const command = new DescribeKeyCommand({ KeyId: keyId });
    const reply = await callAws('kms:DescribeKey', (abortSignal) => client.send(command, { abortSignal }));
    return reply.KeyMetadata?.KeyState ?? null;
  } catch (error) {
    if (awsErrorName(error) === 'NotFoundException') return null;
    throw error;
  } finally {
    client.destroy();
  }
}
