/** Carries out what the handshake machine asks for: replies, fetching the data key, answering the challenge. */
import { Handshake, type HandshakeStep, type KeyRequest, type SessionFacts } from '../protocol/handshake.js';
import { PAYLOAD } from '../protocol/payload-type.js';
import { CLIENT_VERSION } from './agent-version.js';
import type { SessionEncryption } from './session-encryption.js';

export interface NegotiationHost {
  send(payloadType: number, payload: Buffer): void;
  started(facts: SessionFacts): void;
  /** A payload of the session itself, decrypted. */
  data(payloadType: number, payload: Buffer): void;
  failed(error: unknown): void;
}

export class Negotiation {
  readonly #handshake = new Handshake(CLIENT_VERSION);
  readonly #encryption: SessionEncryption;
  readonly #host: NegotiationHost;

  constructor(encryption: SessionEncryption, host: NegotiationHost) {
    this.#encryption = encryption;
    this.#host = host;
  }

  receive(payloadType: number, payload: Buffer): void {
    try {
      for (const step of this.#handshake.receive(payloadType, payload)) this.#take(step);
    } catch (error) {
      this.#host.failed(error);
    }
  }

  #take(step: HandshakeStep): void {
    switch (step.do) {
      case 'data':
        this.#host.data(step.payloadType, this.#encryption.open(step.payloadType, step.payload));
        break;
      case 'reply':
        this.#host.send(step.payloadType, step.payload);
        break;
      case 'fetchKey':
        void this.#fetchKey(step.request);
        break;
      case 'answerChallenge': {
        const answer = this.#encryption.answer(step.challenge);
        if (answer !== null) this.#host.send(PAYLOAD.encryptionChallengeResponse, answer);
        break;
      }
      case 'start':
        this.#host.started(step.facts);
        break;
    }
  }

  async #fetchKey(request: KeyRequest): Promise<void> {
    try {
      const sealed = await this.#encryption.fetchKey(request);
      for (const step of this.#handshake.keyReady(sealed)) this.#take(step);
    } catch (error) {
      this.#host.failed(error);
    }
  }
}
