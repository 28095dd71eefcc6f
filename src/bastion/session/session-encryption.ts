/** Encryption of one session: fetches the KMS data key, answers the agent's challenge, seals and opens payloads. */
import { randomBytes } from 'node:crypto';
import type { KeyRequest } from '../protocol/handshake.js';
import { PAYLOAD } from '../protocol/payload-type.js';
import { createSessionCipher, type SessionCipher } from '../protocol/session-cipher.js';
import type { SessionApi } from './ports.js';

/** What the agent encrypts; everything else, and every port session, goes in the clear inside TLS. */
const SEALED_TYPES: ReadonlySet<number> = new Set([PAYLOAD.output, PAYLOAD.stderr, PAYLOAD.exitCode]);

export class SessionEncryption {
  readonly #api: SessionApi;
  readonly #sessionId: string;
  readonly #target: string;
  #cipher: SessionCipher | undefined;

  constructor(api: SessionApi, sessionId: string, target: string) {
    this.#api = api;
    this.#sessionId = sessionId;
    this.#target = target;
  }

  /** Resolves with the sealed key for the agent. */
  async fetchKey(request: KeyRequest): Promise<Uint8Array> {
    const challenge = request.challenge === undefined ? {} : { 'aws:ssm:RandomChallenge': request.challenge };
    const encryptionContext = {
      'aws:ssm:SessionId': this.#sessionId,
      'aws:ssm:TargetId': this.#target,
      ...challenge,
    };
    const key = await this.#api.dataKey({ keyId: request.keyId, encryptionContext });
    this.#cipher = createSessionCipher(key.plaintext, randomBytes);
    return key.sealed;
  }

  /** The JSON that proves to the agent that we hold the key too; null before there is one. */
  answer(challenge: Buffer): Buffer | null {
    if (this.#cipher === undefined) return null;
    const answer = this.#cipher.encrypt([this.#cipher.decrypt(challenge)]).toString('base64');
    return Buffer.from(JSON.stringify({ Challenge: answer }));
  }

  seal(payloadType: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
    const isSealed = this.#cipher !== undefined && payloadType === PAYLOAD.output;
    return isSealed && this.#cipher ? [this.#cipher.encrypt(parts)] : parts;
  }

  open(payloadType: number, payload: Buffer): Buffer {
    return this.#cipher !== undefined && SEALED_TYPES.has(payloadType)
      ? this.#cipher.decrypt(payload)
      : payload;
  }
}
