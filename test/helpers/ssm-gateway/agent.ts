/** The agent's half of a data channel as the SSM agent behaves: acks, slow resends, handshake, pacing. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyStore } from './key-store.js';
import { ackFrame, type Frame, json, parseJson, readFrame, writeFrame } from './wire.js';

export interface AgentOptions {
  version?: string;
  /** Milliseconds of sleep after each message of data; the real agent sleeps 1. */
  pace?: number;
  payloadSize?: number;
  /** `faithful` looks at its oldest message every 100 ms; `prompt` resends all at once when the client is back. */
  resend?: 'faithful' | 'prompt';
  customerMessage?: string;
  kms?: { keyId: string; store: KeyStore; requireChallenge?: boolean };
  /** Never speaks: an agent that hangs. */
  isMute?: boolean;
}

export interface AgentLink {
  send(frame: Uint8Array): void;
  /** Bytes that the client's socket has not taken yet. */
  backlog(): number;
}

/** What runs in the session: a shell, a command, a port. */
export interface AgentPlugin {
  readonly sessionType: string;
  readonly properties: Record<string, unknown>;
  start(agent: Agent): void;
  input(payload: Uint8Array, payloadType: number): void;
  stop(): void;
}

const now = () => performance.now();

export class Agent {
  readonly violations: string[] = [];
  /** Round-trip oracle: how each output fared. */
  readonly stats = { sent: 0, resent: 0, acked: 0, received: 0, duplicates: 0, early: 0 };
  readonly options: AgentOptions;
  readonly #link: AgentLink;
  readonly #plugin: AgentPlugin;
  readonly #context: { sessionId: string; target: string };
  readonly #unacked = new Map<number, { frame: Uint8Array; sentAt: number }>();
  readonly #early = new Map<number, Frame>();
  readonly #waiters: (() => void)[] = [];
  #expected = 0;
  #sequence = 0;
  #rto = 200;
  #srtt = 100;
  #rttvar = 0;
  #paused = false;
  #timer: NodeJS.Timeout | undefined;
  #keys: { incoming: Uint8Array; outgoing: Uint8Array } | undefined;
  #challenge: Buffer | undefined;
  #kmsNonce = '';
  #isOver = false;
  clientVersion = '';

  constructor(
    options: AgentOptions,
    plugin: AgentPlugin,
    context: { sessionId: string; target: string },
    link: AgentLink,
  ) {
    this.options = options;
    this.#plugin = plugin;
    this.#context = context;
    this.#link = link;
  }

  get unacknowledged(): number {
    return this.#unacked.size;
  }

  start(): void {
    if (this.options.isMute) return;
    this.#timer = setInterval(() => this.#resendOldest(), 100);
    // Without encryption a standard shell skips the handshake.
    if (this.#plugin.sessionType === 'Standard_Stream' && this.options.kms === undefined)
      this.#plugin.start(this);
    else this.#requestHandshake();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#plugin.stop();
    for (const go of this.#waiters.splice(0)) go();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.options.resend === 'prompt') for (const entry of this.#unacked.values()) this.#again(entry);
    for (const go of this.#waiters.splice(0)) go();
  }

  receive(bytes: Uint8Array): void {
    if (this.#isOver || this.options.isMute) return;
    let frame: Frame;
    try {
      frame = readFrame(bytes);
    } catch (error) {
      this.violations.push(`unreadable frame: ${String(error)}`);
      return;
    }
    if (frame.type === 'acknowledge') this.#acknowledged(frame);
    else if (frame.type === 'input_stream_data') this.#input(frame);
    else this.violations.push(`unexpected ${frame.type}`);
  }

  /** Sends data in messages of the payload size, paced; resolves when all is on its way. */
  async write(data: Uint8Array, payloadType = 1): Promise<void> {
    const size = this.options.payloadSize ?? 1024;
    for (let offset = 0; offset < data.length && !this.#isOver; offset += size) {
      while (
        (this.#paused || this.#link.backlog() > 1_000_000 || this.#unacked.size > 90_000) &&
        !this.#isOver
      )
        await this.#wait();
      this.send(payloadType, data.subarray(offset, offset + size));
      if (this.options.pace) await new Promise((resolve) => setTimeout(resolve, this.options.pace));
    }
  }

  send(payloadType: number, payload: Uint8Array): void {
    if (this.#isOver) return;
    const sequence = this.#sequence++;
    const isSealed = this.#keys !== undefined && [1, 11, 12].includes(payloadType);
    const frame = writeFrame({
      type: 'output_stream_data',
      sequence: BigInt(sequence),
      flags: sequence === 0 ? 1n : 0n,
      payloadType,
      payload: isSealed ? this.#seal(payload) : payload,
    });
    this.#unacked.set(sequence, { frame, sentAt: now() });
    this.stats.sent++;
    if (!this.#paused) this.#link.send(frame);
  }

  #input(frame: Frame): void {
    const sequence = Number(frame.sequence);
    if (sequence > this.#expected) {
      this.stats.early++;
      this.#early.set(sequence, { ...frame, payload: Uint8Array.from(frame.payload) });
    }
    this.#link.send(ackFrame(frame));
    if (sequence < this.#expected) this.stats.duplicates++;
    if (sequence !== this.#expected) return;
    for (let next: Frame | undefined = frame; next !== undefined; next = this.#early.get(this.#expected)) {
      this.#early.delete(this.#expected);
      this.#expected++;
      this.stats.received++;
      this.#process(next);
    }
  }

  #process(frame: Frame): void {
    if (frame.payloadType === 6) this.#handshakeResponse(frame.payload);
    else if (frame.payloadType === 9) this.#challengeResponse(frame.payload);
    else if (
      frame.payloadType === 10 &&
      new DataView(frame.payload.buffer, frame.payload.byteOffset).getUint32(0) === 2
    )
      this.stop();
    else {
      const isSealed = this.#keys !== undefined && frame.payloadType === 1;
      this.#plugin.input(isSealed ? this.#unseal(frame.payload) : frame.payload, frame.payloadType);
    }
  }

  #acknowledged(frame: Frame): void {
    const body = parseJson(frame.payload);
    if (frame.flags !== 3n || frame.sequence !== 0n)
      this.violations.push('acknowledgement with wrong flags or sequence');
    if (body['AcknowledgedMessageType'] !== 'output_stream_data')
      this.violations.push('acknowledgement of a wrong type');
    if (!/^[0-9a-f-]{36}$/.test(String(body['AcknowledgedMessageId'])))
      this.violations.push('acknowledgement of a wrong id');
    const sequence = Number(body['AcknowledgedMessageSequenceNumber']);
    const entry = this.#unacked.get(sequence);
    if (entry === undefined) return;
    this.#unacked.delete(sequence);
    this.stats.acked++;
    const rtt = now() - entry.sentAt;
    this.#rttvar = 0.75 * this.#rttvar + 0.25 * Math.abs(this.#srtt - rtt);
    this.#srtt = 0.875 * this.#srtt + 0.125 * rtt;
    this.#rto = Math.min(1000, this.#srtt + Math.max(10, 4 * this.#rttvar));
  }

  #resendOldest(): void {
    if (this.#paused) return;
    const oldest = this.#unacked.entries().next().value;
    if (oldest !== undefined && now() - oldest[1].sentAt > this.#rto) this.#again(oldest[1]);
  }

  #again(entry: { frame: Uint8Array; sentAt: number }): void {
    this.stats.resent++;
    entry.sentAt = now();
    this.#link.send(entry.frame);
  }

  #requestHandshake(): void {
    const actions: unknown[] = [
      {
        ActionType: 'SessionType',
        ActionParameters: { SessionType: this.#plugin.sessionType, Properties: this.#plugin.properties },
      },
    ];
    if (this.options.kms) {
      this.#kmsNonce = randomBytes(16).toString('base64');
      actions.push({
        ActionType: 'KMSEncryption',
        ActionParameters: { KMSKeyId: this.options.kms.keyId, Challenge: this.#kmsNonce },
      });
    }
    this.send(
      5,
      json({ AgentVersion: this.options.version ?? '3.3.987.0', RequestedClientActions: actions }),
    );
  }

  #handshakeResponse(payload: Uint8Array): void {
    const body = parseJson(payload) as {
      ClientVersion?: string;
      ProcessedClientActions?: {
        ActionType: string;
        ActionStatus: number;
        ActionResult: Record<string, unknown> | null;
      }[];
    };
    this.clientVersion = body.ClientVersion ?? '';
    const actions = body.ProcessedClientActions ?? [];
    if (actions.some((action) => action.ActionStatus !== 1))
      this.violations.push('an action was not processed');
    if (this.options.kms === undefined) {
      this.#complete('');
      return;
    }
    const result = actions.find((action) => action.ActionType === 'KMSEncryption')?.ActionResult ?? {};
    const isBound = result['ChallengeAcknowledgement'] === true;
    if (this.options.kms.requireChallenge && !isBound)
      this.violations.push('the random challenge was not acknowledged');
    const plain = this.options.kms.store.decrypt(String(result['KMSCipherTextKey']), {
      'aws:ssm:SessionId': this.#context.sessionId,
      'aws:ssm:TargetId': this.#context.target,
      ...(isBound ? { 'aws:ssm:RandomChallenge': this.#kmsNonce } : {}),
    });
    this.#keys = { outgoing: plain.subarray(0, 32), incoming: plain.subarray(32) };
    this.#challenge = randomBytes(64);
    this.send(8, json({ Challenge: Buffer.from(this.#seal(this.#challenge)).toString('base64') }));
  }

  #challengeResponse(payload: Uint8Array): void {
    const answer = this.#unseal(Buffer.from(String(parseJson(payload)['Challenge']), 'base64'));
    if (!this.#challenge?.equals(answer)) this.violations.push('wrong answer to the encryption challenge');
    this.#complete('This session is encrypted using AWS KMS.');
  }

  #complete(message: string): void {
    const text = this.options.customerMessage ?? message;
    this.send(7, json({ HandshakeTimeToComplete: 1_000_000, CustomerMessage: text }));
    this.#plugin.start(this);
  }

  #seal(payload: Uint8Array): Uint8Array {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#keys?.outgoing ?? new Uint8Array(32), nonce);
    return Buffer.concat([nonce, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  }

  #unseal(sealed: Uint8Array): Uint8Array {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      this.#keys?.incoming ?? new Uint8Array(32),
      sealed.subarray(0, 12),
    );
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#paused) this.#waiters.push(resolve);
      else setTimeout(resolve, 1);
    });
  }
}
