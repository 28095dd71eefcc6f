/** The binary frame of the session data channel (AgentMessage): decoded as views, encoded in one allocation. */
import { hash } from 'node:crypto';

/** Offset of PayloadLength, which is also what every writer puts into HeaderLength. */
const HEADER_LENGTH = 116;
const PAYLOAD_OFFSET = HEADER_LENGTH + 4;
const TYPE_END = 36;

export type ClientMessageType = 'input_stream_data' | 'acknowledge';

export const FLAG_SYN = 1;
export const FLAG_FIN = 2;

/** One frame. `payload` and `id` are views into the received bytes: copy them to keep them. */
export interface AgentMessage {
  /** What the sender wrote, NUL and space stripped; may be a type this client does not know. */
  readonly type: string;
  readonly sequence: number;
  readonly flags: number;
  /** The 16 bytes of the uuid as they stand on the wire, halves swapped. */
  readonly id: Buffer;
  readonly createdAt: number;
  readonly payloadType: number;
  readonly payload: Buffer;
}

export interface MalformedFrame {
  readonly malformed: string;
}

/**
 * Reads one frame. start_publication and pause_publication may come with an empty header, so their type is
 * read before anything else is checked.
 */
export function decodeMessage(frame: Buffer): AgentMessage | MalformedFrame {
  if (frame.length < TYPE_END) return { malformed: `${frame.length} bytes are no frame` };
  const type = readType(frame);
  if (type === 'start_publication' || type === 'pause_publication') return publication(type);
  if (frame.length < PAYLOAD_OFFSET)
    return { malformed: `a frame of ${frame.length} bytes has no full header` };
  const start = frame.readUInt32BE(0) + 4;
  if (start < PAYLOAD_OFFSET || start > frame.length) return { malformed: `header length ${start - 4}` };
  const createdAt = readUnsigned64(frame, 40);
  const sequence = readUnsigned64(frame, 48);
  if (createdAt === 0) return { malformed: 'no creation date' };
  if (!Number.isSafeInteger(sequence)) return { malformed: 'sequence number out of range' };
  const payload = frame.subarray(start);
  if (frame.readUInt32BE(start - 4) !== 0 && !digestMatches(frame, payload))
    return { malformed: 'wrong digest' };
  return {
    type,
    sequence,
    flags: readUnsigned64(frame, 56),
    id: frame.subarray(64, 80),
    createdAt,
    payloadType: frame.readUInt32BE(112),
    payload,
  };
}

export interface OutgoingMessage {
  readonly type: ClientMessageType;
  readonly sequence: number;
  readonly flags: number;
  /** 16 bytes in wire order. */
  readonly id: Uint8Array;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly payloadType: number;
  /** Written one after the other, each byte copied once. */
  readonly parts: readonly Uint8Array[];
}

export function encodeMessage(message: OutgoingMessage): Buffer {
  let length = 0;
  for (const part of message.parts) length += part.length;
  const frame = Buffer.allocUnsafe(PAYLOAD_OFFSET + length);
  frame.writeUInt32BE(HEADER_LENGTH, 0);
  frame.set(TYPE_BYTES[message.type], 4);
  frame.writeUInt32BE(1, 36);
  writeUnsigned64(frame, message.createdAt, 40);
  writeUnsigned64(frame, message.sequence, 48);
  writeUnsigned64(frame, message.flags, 56);
  frame.set(message.id, 64);
  frame.writeUInt32BE(message.payloadType, 112);
  frame.writeUInt32BE(length, 116);
  let offset = PAYLOAD_OFFSET;
  for (const part of message.parts) {
    frame.set(part, offset);
    offset += part.length;
  }
  frame.set(hash('sha256', frame.subarray(PAYLOAD_OFFSET), 'buffer'), 80);
  return frame;
}

/** The uuid text of a message id: the wire carries bytes 8 to 15 first, then bytes 0 to 7. */
export function uuidText(id: Buffer): string {
  const low = id.toString('hex', 8, 16);
  const high = id.toString('hex', 0, 8);
  return `${low.slice(0, 8)}-${low.slice(8, 12)}-${low.slice(12)}-${high.slice(0, 4)}-${high.slice(4)}`;
}

/** 16 random bytes made a version 4 uuid, in wire order. Changes `bytes`. */
export function uuidFromRandom(bytes: Buffer): Buffer {
  // Version and variant are in uuid bytes 6 and 8, which the swap puts at 14 and 0.
  bytes[14] = ((bytes[14] ?? 0) & 0x0f) | 0x40;
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

const TYPE_BYTES: Readonly<Record<ClientMessageType, Buffer>> = {
  input_stream_data: Buffer.from('input_stream_data'.padEnd(32), 'latin1'),
  acknowledge: Buffer.from('acknowledge'.padEnd(32), 'latin1'),
};

// The official clients pad with spaces on the right, others with NUL on the left.
function readType(frame: Buffer): string {
  let start = 4;
  let end = TYPE_END;
  while (start < end && isPadding(frame[start])) start++;
  while (end > start && isPadding(frame[end - 1])) end--;
  return frame.toString('latin1', start, end);
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20;
}

function publication(type: string): AgentMessage {
  return { type, sequence: 0, flags: 0, id: EMPTY, createdAt: 0, payloadType: 0, payload: EMPTY };
}

const EMPTY = Buffer.alloc(0);

function digestMatches(frame: Buffer, payload: Buffer): boolean {
  return hash('sha256', payload, 'buffer').compare(frame, 80, 112) === 0;
}

function readUnsigned64(frame: Buffer, offset: number): number {
  return frame.readUInt32BE(offset) * 0x1_0000_0000 + frame.readUInt32BE(offset + 4);
}

function writeUnsigned64(frame: Buffer, value: number, offset: number): void {
  const whole = Math.floor(value);
  frame.writeUInt32BE(Math.floor(whole / 0x1_0000_0000), offset);
  frame.writeUInt32BE(whole % 0x1_0000_0000, offset + 4);
}
