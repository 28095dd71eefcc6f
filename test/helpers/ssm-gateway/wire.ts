/** The gateway's own reading and writing of AgentMessage frames; shares no line with what it tests. */
import { createHash, randomUUID } from 'node:crypto';

export interface Frame {
  type: string;
  sequence: bigint;
  flags: bigint;
  /** Canonical uuid text. */
  id: string;
  createdAt: bigint;
  payloadType: number;
  payload: Uint8Array;
}

const text = new TextDecoder('latin1');

/** Throws a RangeError that says what is wrong with the frame. */
export function readFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 120) throw new RangeError(`short frame: ${bytes.byteLength}`);
  if (view.getUint32(0) !== 116) throw new RangeError(`header length ${view.getUint32(0)}`);
  if (view.getUint32(36) !== 1) throw new RangeError(`schema version ${view.getUint32(36)}`);
  const payload = bytes.subarray(120);
  if (view.getUint32(116) !== payload.byteLength) throw new RangeError('payload length does not match');
  const digest = createHash('sha256').update(payload).digest();
  if (!digest.equals(bytes.subarray(80, 112))) throw new RangeError('payload digest does not match');
  const createdAt = view.getBigUint64(40);
  if (createdAt === 0n) throw new RangeError('created date is zero');
  return {
    type: text.decode(bytes.subarray(4, 36)).replaceAll('\0', ' ').trim(),
    createdAt,
    sequence: view.getBigInt64(48),
    flags: view.getBigUint64(56),
    id: readUuid(bytes.subarray(64, 80)),
    payloadType: view.getUint32(112),
    payload,
  };
}

export function writeFrame(frame: Partial<Frame> & { type: string }): Uint8Array {
  const payload = frame.payload ?? new Uint8Array(0);
  const bytes = new Uint8Array(120 + payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 116);
  bytes.fill(0x20, 4, 36);
  new TextEncoder().encodeInto(frame.type, bytes.subarray(4, 36));
  view.setUint32(36, 1);
  view.setBigUint64(40, frame.createdAt ?? BigInt(Date.now()));
  view.setBigInt64(48, frame.sequence ?? 0n);
  view.setBigUint64(56, frame.flags ?? 0n);
  writeUuid(frame.id ?? randomUUID(), bytes.subarray(64, 80));
  bytes.set(createHash('sha256').update(payload).digest(), 80);
  view.setUint32(112, frame.payloadType ?? 0);
  view.setUint32(116, payload.byteLength);
  bytes.set(payload, 120);
  return bytes;
}

/** The type alone, for faults that pick by it; cheap and never throwing. */
export function frameType(bytes: Uint8Array): string {
  return text
    .decode(bytes.subarray(4, Math.min(36, bytes.byteLength)))
    .replaceAll('\0', ' ')
    .trim();
}

export function ackFrame(of: Frame): Uint8Array {
  const body = {
    AcknowledgedMessageType: of.type,
    AcknowledgedMessageId: of.id,
    AcknowledgedMessageSequenceNumber: Number(of.sequence),
    IsSequentialMessage: true,
  };
  return writeFrame({ type: 'acknowledge', flags: 3n, payload: json(body) });
}

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

export function parseJson(payload: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
}

// The wire has the second half of the uuid first.
function readUuid(bytes: Uint8Array): string {
  const hex = [...bytes.subarray(8, 16), ...bytes.subarray(0, 8)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function writeUuid(uuid: string, into: Uint8Array): void {
  const hex = uuid.replaceAll('-', '');
  for (let i = 0; i < 16; i++) into[(i + 8) % 16] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
}
