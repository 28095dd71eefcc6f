/** Packs a byte stream into payloads of at most 1,024 bytes; what one turn of the event loop writes shares them. */
import type { BytePipe } from './byte-pipe.js';

/** What the official client and agent send; larger ones are not documented to pass. */
export const PAYLOAD_SIZE = 1024;

export class PayloadPacker {
  readonly #pipe: BytePipe;
  readonly #size: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #hasRoom = true;
  #isScheduled = false;

  constructor(pipe: BytePipe, size: number = PAYLOAD_SIZE) {
    this.#pipe = pipe;
    this.#size = size;
  }

  /**
   * Takes the bytes; whole payloads go out at once, the rest with the next turn.
   * `bytes` must not change before that. False asks to wait.
   */
  write(bytes: Uint8Array): boolean {
    let offset = 0;
    while (offset < bytes.length) {
      const end = Math.min(bytes.length, offset + this.#size - this.#length);
      this.#parts.push(bytes.subarray(offset, end));
      this.#length += end - offset;
      offset = end;
      if (this.#length === this.#size) this.flush();
    }
    if (this.#length > 0 && !this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.flush();
      });
    }
    return this.#hasRoom;
  }

  flush(): void {
    if (this.#length === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#length = 0;
    this.#hasRoom = this.#pipe.write(parts);
  }

  drained(): void {
    this.#hasRoom = true;
  }
}
