/** A client's state machine and a plain agent on a virtual network with a virtual clock: whole sessions in milliseconds. */
import { type ChannelFailure, ReliableChannel } from '../../../src/bastion/protocol/reliable-channel.js';
import { type Random, seeded } from '../../helpers/ssm-gateway/random.js';
import { ackFrame, type Frame, readFrame, writeFrame } from '../../helpers/ssm-gateway/wire.js';

export interface VirtualNetwork {
  readonly seed: number;
  readonly drop: number;
  readonly duplicate: number;
  /** One way, in milliseconds. */
  readonly latency: number;
  /** Added at random, which puts frames out of order. */
  readonly jitter: number;
}

export class VirtualSession {
  now = 1_000_000;
  readonly channel: ReliableChannel;
  /** What each side got, in the order it was delivered. */
  readonly atAgent: string[] = [];
  readonly atClient: string[] = [];
  readonly closed: string[] = [];
  readonly failures: ChannelFailure[] = [];
  /** Time and type of each frame the client put on the link. */
  readonly transmitted: { at: number; frame: Buffer }[] = [];
  readonly #network: VirtualNetwork;
  readonly #random: Random;
  readonly #events: { at: number; order: number; run: () => void }[] = [];
  readonly #unacked = new Map<number, Uint8Array>();
  readonly #early = new Map<number, Frame>();
  #order = 0;
  #expected = 0;
  #sequence = 0;
  /** Frames of an earlier link do not arrive on a later one. */
  #link = 0;
  #isUp = false;
  isAgentDeaf = false;

  constructor(
    network: VirtualNetwork,
    options: { maxRate?: number; stallLimit?: number; pauseLimit?: number } = {},
  ) {
    this.#network = network;
    this.#random = seeded(network.seed);
    this.channel = new ReliableChannel({
      ...options,
      random: (size) => Buffer.alloc(size, 7),
      host: {
        transmit: (frame) => {
          if (!this.#isUp) throw new TypeError('a frame was put on a link that is down');
          this.transmitted.push({ at: this.now, frame });
          this.#carry(frame, (bytes) => this.#atAgent(bytes));
        },
        deliver: (_type, payload) => void this.atClient.push(payload.toString('latin1')),
        closed: (reason) => void this.closed.push(reason),
        failed: (why) => void this.failures.push(why),
      },
    });
    this.at(0, () => this.#tick());
  }

  up(): void {
    this.#link++;
    this.#isUp = true;
    this.channel.linkUp(this.now);
  }

  down(): void {
    this.#isUp = false;
    this.#link++;
    this.channel.linkDown();
  }

  at(delay: number, run: () => void): void {
    this.#events.push({ at: this.now + delay, order: this.#order++, run });
  }

  send(text: string): void {
    this.channel.send(1, [Buffer.from(text)], this.now);
  }

  agentSends(text: string): void {
    const sequence = this.#sequence++;
    const frame = writeFrame({
      type: 'output_stream_data',
      sequence: BigInt(sequence),
      payloadType: 1,
      payload: Buffer.from(text),
      createdAt: 1n,
    });
    this.#unacked.set(sequence, frame);
    this.#toClient(frame);
  }

  gatewaySends(frame: Uint8Array): void {
    this.#toClient(frame);
  }

  get agentUnacked(): number {
    return this.#unacked.size;
  }

  /** Lets virtual time pass until `isDone` or the limit; true when done. */
  run(isDone: () => boolean, limit: number): boolean {
    const end = this.now + limit;
    while (!isDone()) {
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#events.shift();
      if (next === undefined || next.at > end) {
        this.now = end;
        if (next) this.#events.push(next);
        return false;
      }
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    return true;
  }

  #tick(): void {
    const due = this.channel.nextTickAt;
    if (due !== null && due <= this.now) this.channel.tick(this.now);
    for (const frame of this.#isUp && Math.round(this.now) % 200 < 5
      ? [...this.#unacked.values()].slice(0, 50)
      : [])
      this.#toClient(frame);
    this.at(5, () => this.#tick());
  }

  #toClient(frame: Uint8Array): void {
    this.#carry(frame, (bytes) => this.channel.receive(Buffer.from(bytes), this.now));
  }

  #carry(frame: Uint8Array, arrive: (bytes: Uint8Array) => void): void {
    const { drop, duplicate, latency, jitter } = this.#network;
    const link = this.#link;
    const once = () => {
      if (this.#random() < drop) return;
      this.at(latency + this.#random() * jitter, () => {
        if (link === this.#link && this.#isUp) arrive(frame);
      });
    };
    once();
    if (this.#random() < duplicate) once();
  }

  #atAgent(bytes: Uint8Array): void {
    if (this.isAgentDeaf) return;
    const frame = readFrame(bytes);
    if (frame.type === 'acknowledge') {
      const body = JSON.parse(Buffer.from(frame.payload).toString()) as Record<string, number>;
      this.#unacked.delete(body['AcknowledgedMessageSequenceNumber'] ?? -1);
      return;
    }
    this.#toClient(ackFrame(frame));
    const sequence = Number(frame.sequence);
    if (sequence >= this.#expected) this.#early.set(sequence, frame);
    for (let next = this.#early.get(this.#expected); next; next = this.#early.get(this.#expected)) {
      this.#early.delete(this.#expected++);
      this.atAgent.push(Buffer.from(next.payload).toString('latin1'));
    }
  }
}
