/** Reads the JSON of the agent's handshake messages; unknown members are left alone, missing ones refused. */
import { RocError } from '../../kernel/errors.js';

export interface HandshakeAction {
  /** `SessionType`, `KMSEncryption`, or one that came later. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface HandshakeRequest {
  readonly agentVersion: string;
  readonly actions: readonly HandshakeAction[];
}

/** @throws RocError ROC_UNEXPECTED */
export function readRequest(payload: Buffer): HandshakeRequest {
  const body = readObject(payload, 'handshake request');
  const agentVersion = body['AgentVersion'];
  const actions = body['RequestedClientActions'];
  if (typeof agentVersion !== 'string' || agentVersion === '') throw broken('handshake request');
  if (!Array.isArray(actions)) throw broken('handshake request');
  return { agentVersion, actions: actions.map(readAction) };
}

/** The message that the account's preferences want shown; empty when there is none. */
export function readComplete(payload: Buffer): string {
  const message = readObject(payload, 'end of the handshake')['CustomerMessage'];
  return typeof message === 'string' ? message : '';
}

/** The sealed bytes that prove that both sides hold the data key. */
export function readChallenge(payload: Buffer): Buffer {
  const challenge = readObject(payload, 'encryption challenge')['Challenge'];
  if (typeof challenge !== 'string') throw broken('encryption challenge');
  return Buffer.from(challenge, 'base64');
}

function readAction(value: unknown): HandshakeAction {
  const action = value as { ActionType?: unknown; ActionParameters?: unknown } | null;
  if (typeof action?.ActionType !== 'string') throw broken('handshake request');
  const parameters = action.ActionParameters;
  return {
    type: action.ActionType,
    parameters: typeof parameters === 'object' && parameters !== null ? { ...parameters } : {},
  };
}

function readObject(payload: Buffer, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Said below, with what was being read.
  }
  throw broken(what);
}

function broken(what: string): RocError {
  return new RocError('ROC_UNEXPECTED', `the agent's ${what} cannot be read`, {
    hint: 'Update the SSM agent of the instance, then start the session again.',
  });
}
