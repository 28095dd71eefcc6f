/** The handshake as a pure machine: payloads of the agent in, steps for the driver out. */
import { RocError } from '../../kernel/errors.js';
import { type HandshakeAction, readChallenge, readComplete, readRequest } from './handshake-messages.js';
import { PAYLOAD } from './payload-type.js';

/** What the session turned out to be. */
export interface SessionFacts {
  /** Empty when the agent skipped the handshake. */
  readonly agentVersion: string;
  /** `Port`, `Standard_Stream`, `InteractiveCommands`, `NonInteractiveCommands`. */
  readonly sessionType: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What the account's preferences want shown to the person. */
  readonly customerMessage: string;
  readonly encrypted: boolean;
}

export interface KeyRequest {
  readonly keyId: string;
  /** Bound into the encryption context when the agent sent one. */
  readonly challenge: string | undefined;
}

export type HandshakeStep =
  | { readonly do: 'reply'; readonly payloadType: number; readonly payload: Buffer }
  | { readonly do: 'fetchKey'; readonly request: KeyRequest }
  /** Decrypt the challenge, encrypt it anew and send it back. */
  | { readonly do: 'answerChallenge'; readonly challenge: Buffer }
  | { readonly do: 'start'; readonly facts: SessionFacts }
  | { readonly do: 'data'; readonly payloadType: number; readonly payload: Buffer };

export class Handshake {
  readonly #clientVersion: string;
  #actions: readonly HandshakeAction[] = [];
  #agentVersion = '';
  #keyRequest: KeyRequest | undefined;
  #isStarted = false;
  readonly #held: HandshakeStep[] = [];

  constructor(clientVersion: string) {
    this.#clientVersion = clientVersion;
  }

  /** @throws RocError when the agent breaks the protocol */
  receive(payloadType: number, payload: Buffer): HandshakeStep[] {
    switch (payloadType) {
      case PAYLOAD.handshakeRequest:
        return this.#isStarted ? [] : this.#request(payload);
      case PAYLOAD.encryptionChallengeRequest:
        return [{ do: 'answerChallenge', challenge: readChallenge(payload) }];
      case PAYLOAD.handshakeComplete:
        return this.#isStarted ? [] : this.#start(readComplete(payload));
      default:
        return this.#data(payloadType, payload);
    }
  }

  /** The driver has the data key; `cipherTextKey` goes to the agent. */
  keyReady(cipherTextKey: Uint8Array): HandshakeStep[] {
    return [this.#response(Buffer.from(cipherTextKey).toString('base64'))];
  }

  #request(payload: Buffer): HandshakeStep[] {
    const request = readRequest(payload);
    this.#agentVersion = request.agentVersion;
    this.#actions = request.actions;
    const kms = request.actions.find((action) => action.type === 'KMSEncryption');
    if (kms === undefined) return [this.#response(undefined)];
    const { KMSKeyId: keyId, Challenge: challenge } = kms.parameters;
    if (typeof keyId !== 'string' || keyId === '') {
      throw new RocError('ROC_UNEXPECTED', 'the agent asks for encryption but names no KMS key', {
        hint: 'Look at the KMS key in the Session Manager preferences of the account.',
      });
    }
    this.#keyRequest = {
      keyId,
      challenge: typeof challenge === 'string' && challenge !== '' ? challenge : undefined,
    };
    return [{ do: 'fetchKey', request: this.#keyRequest }];
  }

  #response(cipherTextKey: string | undefined): HandshakeStep {
    const body = {
      ClientVersion: this.#clientVersion,
      ProcessedClientActions: this.#actions.map((action) => this.#processed(action, cipherTextKey)),
      Errors: null,
    };
    return {
      do: 'reply',
      payloadType: PAYLOAD.handshakeResponse,
      payload: Buffer.from(JSON.stringify(body)),
    };
  }

  #processed(action: HandshakeAction, cipherTextKey: string | undefined): Record<string, unknown> {
    const base = { ActionType: action.type, ActionStatus: 1, ActionResult: null, Error: '' };
    if (action.type === 'SessionType') return base;
    if (action.type !== 'KMSEncryption') {
      return { ...base, ActionStatus: 3, Error: `Unsupported action ${action.type}` };
    }
    const acknowledgement =
      this.#keyRequest?.challenge === undefined ? {} : { ChallengeAcknowledgement: true };
    return {
      ...base,
      ActionResult: { KMSCipherTextKey: cipherTextKey, KMSCipherTextHash: null, ...acknowledgement },
    };
  }

  #start(customerMessage: string): HandshakeStep[] {
    this.#isStarted = true;
    const type = this.#actions.find((action) => action.type === 'SessionType');
    const properties = type?.parameters['Properties'];
    const facts: SessionFacts = {
      agentVersion: this.#agentVersion,
      sessionType: String(type?.parameters['SessionType'] ?? 'Standard_Stream'),
      properties: typeof properties === 'object' && properties !== null ? { ...properties } : {},
      customerMessage,
      encrypted: this.#keyRequest !== undefined,
    };
    return [{ do: 'start', facts }, ...this.#held.splice(0)];
  }

  // A shell without encryption has no handshake: its first output is the start.
  #data(payloadType: number, payload: Buffer): HandshakeStep[] {
    const data: HandshakeStep = { do: 'data', payloadType, payload };
    if (this.#isStarted) return [data];
    if (this.#agentVersion === '') return [...this.#start(''), data];
    this.#held.push({ ...data, payload: Buffer.from(payload) });
    return [];
  }
}
