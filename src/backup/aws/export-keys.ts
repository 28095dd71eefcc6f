/** Keys of exports from KMS, bound to the export by their encryption context. */
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { RocError } from '../../kernel/errors.js';
import type { ExportKeys } from '../configuration/sealed-export.js';
import { awsErrorName, callAws } from './call.js';
import type { AwsAccess } from './clients.js';

const PREFIX = 'aws-kms:v1:';

export function kmsExportKeys(access: AwsAccess, key: string): ExportKeys {
  const client = new KMSClient(access.options());
  return {
    async generate(context) {
      const command = new GenerateDataKeyCommand({
        KeyId: key,
        KeySpec: 'AES_256',
        EncryptionContext: { ...context },
      });
      const reply = await callAws(access, 'kms:GenerateDataKey', (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      if (!reply.Plaintext || !reply.CiphertextBlob)
        throw new RocError('ROC_UNEXPECTED', 'kms:GenerateDataKey: the answer holds no key');
      return {
        key: Buffer.from(reply.Plaintext),
        wrapped: `${PREFIX}${Buffer.from(reply.CiphertextBlob).toString('base64')}`,
      };
    },
    async unwrap(wrapped, context) {
      if (!wrapped.startsWith(PREFIX)) throw notOpened('it was not wrapped by KMS');
      const command = new DecryptCommand({
        KeyId: key,
        CiphertextBlob: Buffer.from(wrapped.slice(PREFIX.length), 'base64'),
        EncryptionContext: { ...context },
      });
      try {
        const reply = await callAws(access, 'kms:Decrypt', (abortSignal) =>
          client.send(command, { abortSignal }),
        );
        if (reply.Plaintext) return Buffer.from(reply.Plaintext);
      } catch (error) {
        if (!/^(InvalidCiphertext|IncorrectKey)$/.test(awsErrorName(error) ?? '')) throw error;
      }
      throw notOpened('it was changed, or belongs to another export or key');
    },
  };
}

function notOpened(why: string): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `the key of the export does not open: ${why}`, {
    hint: 'Check encryptTo in the policy, or take another export.',
  });
}
