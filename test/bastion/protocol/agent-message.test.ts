import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AgentMessage,
  decodeMessage,
  encodeMessage,
  uuidFromRandom,
  uuidText,
} from '../../../src/bastion/protocol/agent-message.js';
import { HEX_FRAMES, type HexFrame } from '../../helpers/ssm-gateway/hex-frames.js';
import { readFrame, writeFrame } from '../../helpers/ssm-gateway/wire.js';

const bytesOf = ({ fields }: HexFrame) => Buffer.from(fields.join(''), 'hex');
const payloadOf = ({ fields }: HexFrame) => Buffer.from(fields.at(-1) ?? '', 'hex');
const wireId = ({ fields }: HexFrame) => Buffer.from(fields[6] ?? '', 'hex');

function decoded(frame: Buffer): AgentMessage {
  const message = decodeMessage(frame);
  if ('malformed' in message) throw new TypeError(message.malformed);
  return message;
}

describe('frames written in hex', () => {
  it('are at least 20', () => expect(HEX_FRAMES.length).toBeGreaterThanOrEqual(20));

  it.each(HEX_FRAMES.map((frame) => [frame.name, frame] as const))('%s: the client reads it', (_, frame) => {
    const message = decoded(bytesOf(frame));
    expect({ ...message, id: uuidText(message.id), payload: message.payload.toString('hex') }).toEqual({
      type: frame.type,
      sequence: frame.sequence,
      flags: frame.flags,
      id: frame.id,
      createdAt: frame.createdAt,
      payloadType: frame.payloadType,
      payload: frame.fields.at(-1),
    });
  });

  it.each(HEX_FRAMES.map((frame) => [frame.name, frame] as const))('%s: the gateway reads it', (_, frame) => {
    const read = readFrame(bytesOf(frame));
    expect({ ...read, payload: Buffer.from(read.payload).toString('hex') }).toEqual({
      type: frame.type,
      sequence: BigInt(frame.sequence),
      flags: BigInt(frame.flags),
      id: frame.id,
      createdAt: BigInt(frame.createdAt),
      payloadType: frame.payloadType,
      payload: frame.fields.at(-1),
    });
  });

  const canonical = HEX_FRAMES.filter((frame) => frame.isCanonical);
  it.each(canonical.map((frame) => [frame.name, frame] as const))('%s: the gateway writes it', (_, frame) => {
    const written = writeFrame({
      type: frame.type,
      sequence: BigInt(frame.sequence),
      flags: BigInt(frame.flags),
      id: frame.id,
      createdAt: BigInt(frame.createdAt),
      payloadType: frame.payloadType,
      payload: payloadOf(frame),
    });
    expect(Buffer.from(written).toString('hex')).toBe(frame.fields.join(''));
  });

  const ours = canonical.filter(({ type }) => type === 'input_stream_data' || type === 'acknowledge');
  it.each(ours.map((frame) => [frame.name, frame] as const))('%s: the client writes it', (_, frame) => {
    const payload = payloadOf(frame);
    const written = encodeMessage({
      type: frame.type as 'input_stream_data' | 'acknowledge',
      sequence: frame.sequence,
      flags: frame.flags,
      id: wireId(frame),
      createdAt: frame.createdAt,
      payloadType: frame.payloadType,
      parts: [payload.subarray(0, 3), payload.subarray(3)],
    });
    expect(written.toString('hex')).toBe(frame.fields.join(''));
  });
});

describe('decoding', () => {
  const [good] = HEX_FRAMES.map(bytesOf);
  const changed = (change: (frame: Buffer) => void) => {
    const frame = Buffer.from(good ?? []);
    change(frame);
    return decodeMessage(frame);
  };

  it('gives views, no copies', () => {
    const frame = Buffer.from(good ?? []);
    const message = decoded(frame);
    expect(message.payload.buffer).toBe(frame.buffer);
    expect(message.id.buffer).toBe(frame.buffer);
  });

  it.each([
    ['a changed payload', (frame: Buffer) => frame.writeUInt8(0x62, 120), /digest/],
    ['a changed digest', (frame: Buffer) => frame.writeUInt8(0, 80), /digest/],
    ['no creation date', (frame: Buffer) => frame.fill(0, 40, 48), /creation date/],
    ['a negative sequence number', (frame: Buffer) => frame.fill(0xff, 48, 56), /sequence/],
    ['a header length beyond the frame', (frame: Buffer) => frame.writeUInt32BE(500, 0), /header length/],
    ['a header length inside the header', (frame: Buffer) => frame.writeUInt32BE(60, 0), /header length/],
  ])('refuses %s', (_, change, pattern) => {
    expect(changed(change)).toEqual({ malformed: expect.stringMatching(pattern) });
  });

  it.each(['start_publication', 'pause_publication'])('reads %s with an empty header', (type) => {
    const frame = Buffer.alloc(40);
    frame.write(type, 4, 'latin1');
    expect(decodeMessage(frame)).toMatchObject({ type });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const message = decodeMessage(Buffer.from(bytes));
        return 'malformed' in message || typeof message.type === 'string';
      }),
    );
  });

  it('never throws on a good frame with some bytes changed', () => {
    const cuts = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(cuts, fc.nat(200), (changes, length) => {
        const frame = Buffer.from(good ?? []).subarray(0, length);
        for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
        decodeMessage(frame);
      }),
    );
  });
});

describe('what the client writes', () => {
  it('is read by the gateway as it was meant', () => {
    const message = fc.record({
      sequence: fc.nat(Number.MAX_SAFE_INTEGER),
      createdAt: fc.integer({ min: 1, max: 4e12 }),
      payloadType: fc.integer({ min: 0, max: 12 }),
      parts: fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 4 }),
      id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    });
    fc.assert(
      fc.property(message, (fields) => {
        const id = uuidFromRandom(Buffer.from(fields.id));
        const frame = encodeMessage({ ...fields, id, type: 'input_stream_data', flags: 0 });
        const read = readFrame(frame);
        expect(read).toMatchObject({
          type: 'input_stream_data',
          payloadType: fields.payloadType,
          id: uuidText(id),
        });
        expect(read.sequence).toBe(BigInt(fields.sequence));
        expect(read.createdAt).toBe(BigInt(fields.createdAt));
        expect(Buffer.from(read.payload)).toEqual(Buffer.concat(fields.parts));
        expect(read.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });
});
