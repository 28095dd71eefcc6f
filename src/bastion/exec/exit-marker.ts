/** Takes the exit marker out of a command's output and lets everything else through, byte for byte. Pure. */

export class ExitMarker {
  readonly #nonce: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #exitCode: number | null = null;

  constructor(nonce: string) {
    this.#nonce = Buffer.from(`${nonce}:`);
  }

  /** Null until the marker has come. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** What of the output so far is certainly not the marker. */
  feed(bytes: Buffer): Buffer {
    const text = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    const at = text.indexOf(this.#nonce);
    if (at >= 0) {
      const digits = /^(-?\d{1,10});/.exec(text.toString('latin1', at + this.#nonce.length));
      if (digits !== null) {
        this.#exitCode = Number(digits[1]);
        const rest = text.subarray(at + this.#nonce.length + digits[0].length);
        this.#held = Buffer.alloc(0);
        return Buffer.concat([text.subarray(0, at), rest]);
      }
      // The command's own text may name the nonce, followed by no number.
      const isPartial = text.length - at - this.#nonce.length < 12;
      return isPartial ? this.#split(text, at) : this.#split(text, this.#tail(text));
    }
    return this.#split(text, this.#tail(text));
  }

  /** The end of the output: what was held back in vain. */
  end(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #split(text: Buffer, at: number): Buffer {
    this.#held = text.subarray(at);
    return text.subarray(0, at);
  }

  // Where a marker that is not whole yet could begin.
  #tail(text: Buffer): number {
    for (let length = Math.min(text.length, this.#nonce.length - 1); length > 0; length--) {
      if (text.subarray(text.length - length).equals(this.#nonce.subarray(0, length)))
        return text.length - length;
    }
    return text.length;
  }
}
