/** smux version 1 frames: an 8-byte little-endian header, then data. Parsed as a stream, cut anywhere. */
import { RocError } from '../../kernel/errors.js';

export const COMMAND = { open: 0, finish: 1, push: 2, keepalive: 3 } as const;

const FRAME_HEADER = 8;
/** The largest data of one frame that the agent's side accepts. */
export const MAX_FRAME_DATA = 32 * 1024;
const VERSION = 1;

export function frameHeader(command: number, streamId: number, length = 0): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER);
  header[0] = VERSION;
  header[1] = command;
  header.writeUInt16LE(length, 2);
  header.writeUInt32LE(streamId, 4);
  return header;
}

export interface FrameHandler {
  /** `data` is a view, and may be only a part of the frame's data: nothing waits for a whole frame. */
  push(streamId: number, data: Buffer): void;
  open(streamId: number): void;
  finish(streamId: number): void;
}

export class FrameParser {
  readonly #handler: FrameHandler;
  readonly #header = Buffer.alloc(FRAME_HEADER);
  #headerLength = 0;
  #streamId = 0;
  #remaining = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** @throws RocError when the bytes are not smux version 1 */
  feed(bytes: Buffer): void {
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#remaining > 0) {
        const end = Math.min(bytes.length, offset + this.#remaining);
        this.#remaining -= end - offset;
        this.#handler.push(this.#streamId, bytes.subarray(offset, end));
        offset = end;
      } else {
        const end = Math.min(bytes.length, offset + FRAME_HEADER - this.#headerLength);
        bytes.copy(this.#header, this.#headerLength, offset, end);
        this.#headerLength += end - offset;
        offset = end;
        if (this.#headerLength === FRAME_HEADER) this.#begin();
      }
    }
  }

  #begin(): void {
    this.#headerLength = 0;
    const [version, command] = this.#header;
    const length = this.#header.readUInt16LE(2);
    const streamId = this.#header.readUInt32LE(4);
    if (version !== VERSION || command === undefined || command > COMMAND.keepalive) {
      throw new RocError(
        'ROC_UNEXPECTED',
        `the agent's multiplexer speaks version ${version}, command ${command}`,
        {
          hint: 'Only version 1 is known; update the SSM agent of the instance.',
        },
      );
    }
    if (command === COMMAND.push) {
      this.#streamId = streamId;
      this.#remaining = length;
    } else if (length > 0) {
      throw new RocError(
        'ROC_UNEXPECTED',
        `the agent's multiplexer sent ${length} bytes with command ${command}`,
        {
          hint: 'Update the SSM agent of the instance.',
        },
      );
    } else if (command === COMMAND.open) this.#handler.open(streamId);
    else if (command === COMMAND.finish) this.#handler.finish(streamId);
  }
}
