/** The bytes of a whole session as one Duplex: SSH, and agents too old to multiplex. Bytes pass unchanged. */
import { Duplex } from 'node:stream';
import { PAYLOAD } from '../protocol/payload-type.js';
import { PayloadPacker } from '../smux/payload-packer.js';
import type { DataChannel } from './data-channel.js';
import { endError } from './session-end.js';

export class RawStream extends Duplex {
  readonly #channel: DataChannel;
  readonly #packer: PayloadPacker;
  #waiting: (() => void) | undefined;
  #isReading = true;

  constructor(channel: DataChannel) {
    super({ allowHalfOpen: false, readableHighWaterMark: 1024 * 1024 });
    this.#channel = channel;
    this.#packer = new PayloadPacker({
      write: (parts) => channel.write(parts),
      setReading: (isReading) => channel.setReading(isReading),
    });
    channel.onDrain = () => this.#drained();
    channel.setSink((payloadType, payload) => {
      if (payloadType === PAYLOAD.output) this.receive(payload);
    });
    void channel.closed.then((end) => {
      if (end.by === 'failure') this.destroy(endError(end));
      else this.push(null);
    });
  }

  receive(payload: Buffer): void {
    if (!this.push(payload) && this.#isReading) {
      this.#isReading = false;
      this.#channel.setReading(false);
    }
  }

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#channel.setReading(true);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    if (this.#packer.write(chunk)) callback();
    else this.#waiting = callback;
  }

  override _final(callback: () => void): void {
    this.#packer.flush();
    callback();
  }

  #drained(): void {
    this.#packer.drained();
    const go = this.#waiting;
    this.#waiting = undefined;
    go?.();
  }
}
