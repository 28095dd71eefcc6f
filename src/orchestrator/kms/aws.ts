/** A master key in AWS KMS, which never leaves it: data keys are made and opened there, bound to their context. */
import { createHash } from 'node:crypto';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type AwsTarget, clientOptions, translateAwsError } from '../../kernel/aws.js';
import type { EncryptionContext, Kms } from './kms.js';
import { notUnwrapped } from './not-unwrapped.js';

const PREFIX = 'aws:v1';

/** What KMS answers where the text, the context or the key is another (API reference of Decrypt). */
const NOT_OURS = /^(InvalidCiphertextException|IncorrectKeyException|NotFoundException|ValidationException)$/;

/**
 * The server's role needs kms:GenerateDataKey, kms:Encrypt and kms:Decrypt on the key. `keyId` is its ARN, id or
 * alias; what is stored names the ARN that KMS answers with.
 * @throws RocError ROC_FORBIDDEN, ROC_CREDENTIALS_MISSING, ROC_UNREACHABLE, ROC_UNAVAILABLE, ROC_THROTTLED
 */
export async function createAwsKms({
  keyId,
  target,
}: {
  readonly keyId: string;
  readonly target: AwsTarget;
}): Promise<Kms> {
  const client = new KMSClient(clientOptions(target));
  const generate = async (context: EncryptionContext) => {
    const command = new GenerateDataKeyCommand({
      KeyId: keyId,
      KeySpec: 'AES_256',
      EncryptionContext: { ...context },
    });
    const { Plaintext, CiphertextBlob, KeyId } = await client.send(command).catch((error: unknown) => {
      throw translateAwsError(error, 'kms:GenerateDataKey');
    });
    if (!Plaintext || !CiphertextBlob || !KeyId) throw new TypeError('KMS answered without a data key');
    return { plaintext: Buffer.from(Plaintext), blob: CiphertextBlob, arn: KeyId };
  };
  // Also tells at once that the key is there and this role may use it.
  const first = await generate({ purpose: 'start' });
  first.plaintext.fill(0);
  const { arn } = first;
  const begin = `${PREFIX}:${Buffer.from(arn).toString('base64url')}:`;
  return {
    keyId: `aws-kms:${arn}`,
    isOwn: (wrapped) => wrapped.startsWith(begin),
    async generateDataKey(context) {
      const { plaintext, blob } = await generate(context);
      return { plaintext, wrapped: begin + textOf(blob) };
    },
    async wrap(plaintext, context) {
      const command = new EncryptCommand({
        KeyId: arn,
        Plaintext: plaintext,
        EncryptionContext: { ...context },
      });
      const { CiphertextBlob } = await client.send(command).catch((error: unknown) => {
        throw translateAwsError(error, 'kms:Encrypt');
      });
      if (!CiphertextBlob) throw new TypeError('KMS answered without a ciphertext');
      return begin + textOf(CiphertextBlob);
    },
    async unwrap(wrapped, context) {
      const blob = wrapped.startsWith(begin) ? blobOf(wrapped.slice(begin.length)) : null;
      if (blob === null) throw notUnwrapped(`it was changed, or not wrapped by ${arn}`);
      const command = new DecryptCommand({
        KeyId: arn,
        CiphertextBlob: blob,
        EncryptionContext: { ...context },
      });
      const { Plaintext } = await client.send(command).catch((error: unknown) => {
        if (error instanceof Error && NOT_OURS.test(error.name))
          throw notUnwrapped('it was changed, or belongs to something else', error);
        throw translateAwsError(error, 'kms:Decrypt');
      });
      if (Plaintext?.length !== 32) throw notUnwrapped('it has another length');
      return Buffer.from(Plaintext);
    },
  };
}

/** KMS answers a damaged ciphertext as if access were denied: damage is told apart here, by a digest beside it. */
function textOf(blob: Uint8Array): string {
  return `${Buffer.from(blob).toString('base64url')}:${digestOf(blob)}`;
}

function blobOf(text: string): Buffer | null {
  const blob = Buffer.from(text.split(':', 1)[0] ?? '', 'base64url');
  return textOf(blob) === text ? blob : null;
}

function digestOf(blob: Uint8Array): string {
  return createHash('sha256').update(blob).digest('base64url').slice(0, 22);
}
