import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameParser } from '../../../src/bastion/smux/frames.js';
import { MuxClient } from '../../../src/bastion/smux/mux-client.js';

function muxed(options: { hasRoom?: boolean } = {}) {
  const sent: Buffer[] = [];
  const reading: boolean[] = [];
  const state = { hasRoom: options.hasRoom ?? true, refusal: null as Error | null };
  const mux = new MuxClient({
    pipe: {
      write: (parts) => {
        sent.push(Buffer.concat(parts));
        return state.hasRoom;
      },
      setReading: (isReading) => void reading.push(isReading),
    },
    refusal: () => state.refusal,
  });
  const flushed = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return Buffer.concat(sent).toString('hex');
  };
  return { mux, sent, reading, state, flushed };
}
const frame = (command: number, id: number, data = Buffer.alloc(0)) => {
  const header = Buffer.from([1, command, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16LE(data.length, 2);
  header.writeUInt32LE(id, 4);
  return Buffer.concat([header, data]);
};

describe('the multiplexer', () => {
  it('writes SYN, PSH and FIN as they stand in the protocol, streams 3, 5, 7', async () => {
    const { mux, flushed } = muxed();
    const first = mux.connect();
    mux.connect();
    first.write('hello');
    first.end();
    expect(await flushed()).toBe(
      '0100000003000000' + '0100000005000000' + '010205000300000068656c6c6f' + '0101000003000000',
    );
  });

  it('fills payloads to 1,024 bytes and keeps a lone line feed', async () => {
    const { mux, sent, flushed } = muxed();
    mux.connect().write(Buffer.alloc(5000, 0x0a));
    const all = await flushed();
    expect(sent.map(({ length }) => length)).toEqual([1024, 1024, 1024, 1024, 920]);
    expect(all.endsWith('0a'.repeat(5000))).toBe(true);
  });

  it('cuts frames at 32 KiB', async () => {
    const { mux, flushed } = muxed();
    mux.connect().write(Buffer.alloc(40_000));
    const all = await flushed();
    expect(all.slice(16, 32)).toBe('0102008003000000');
    expect(all.slice(32 + 2 * 32_768, 48 + 2 * 32_768)).toBe('0102401c03000000');
  });

  it('makes the writer wait for the session, and lets it go on', async () => {
    const { mux, state, flushed } = muxed({ hasRoom: false });
    const stream = mux.connect();
    let isWritten = false;
    stream.write(Buffer.alloc(4000), () => {
      isWritten = true;
    });
    await flushed();
    expect(isWritten).toBe(false);
    state.hasRoom = true;
    mux.drained();
    await flushed();
    expect(isWritten).toBe(true);
  });

  it('stops the session at 1 MiB unread, and reads on below half of it', async () => {
    const { mux, reading } = muxed();
    const stream = mux.connect();
    for (let i = 0; i < 140; i++) mux.feed(frame(2, 3, Buffer.alloc(32_768)));
    expect(reading).toEqual([false]);
    expect(mux.isBlocked).toBe(true);
    let read = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      read += chunk.length;
      if (read === 140 * 32_768) break;
    }
    expect(reading).toEqual([false, true]);
  });

  it('a stream that goes away gives its unread bytes back', () => {
    const { mux, reading } = muxed();
    const stream = mux.connect();
    for (let i = 0; i < 140; i++) mux.feed(frame(2, 3, Buffer.alloc(32_768)));
    stream.destroy();
    return new Promise<void>((resolve) => {
      stream.once('close', () => {
        expect([reading, mux.streamCount]).toEqual([[false, true], 0]);
        resolve();
      });
    });
  });

  it('drops what comes for a stream that is gone', () => {
    const { mux } = muxed();
    expect(() => mux.feed(frame(2, 99, Buffer.alloc(10)))).not.toThrow();
    expect(() => mux.feed(frame(1, 99))).not.toThrow();
  });

  it('an empty end right after a refusal is that refusal', async () => {
    const { mux, state } = muxed();
    const stream = mux.connect();
    state.refusal = new TypeError('refused');
    const failed = new Promise((resolve) => stream.once('error', resolve));
    mux.feed(frame(1, 3));
    expect(await failed).toBe(state.refusal);
  });

  it('closing ends every stream with the reason', async () => {
    const { mux } = muxed();
    const errors = [mux.connect(), mux.connect()].map(
      (stream) => new Promise((resolve) => stream.once('error', resolve)),
    );
    const reason = new TypeError('over');
    mux.close(reason);
    expect(await Promise.all(errors)).toEqual([reason, reason]);
    expect(() => mux.connect()).toThrow(/closed/);
  });
});

describe('the parser', () => {
  it('gives each stream its bytes, however the input is cut', () => {
    const pushes = fc.array(
      fc.tuple(fc.constantFrom(3, 5, 7), fc.uint8Array({ minLength: 1, maxLength: 60 })),
      { maxLength: 20 },
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(pushes, cuts, (frames, sizes) => {
        const got: Record<number, string> = {};
        const wanted: Record<number, string> = {};
        const parser = new FrameParser({
          push: (id, data) => {
            got[id] = (got[id] ?? '') + data.toString('hex');
          },
          open: () => {},
          finish: () => {},
        });
        for (const [id, data] of frames) wanted[id] = (wanted[id] ?? '') + Buffer.from(data).toString('hex');
        const whole = Buffer.concat(frames.map(([id, data]) => frame(2, id, Buffer.from(data))));
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          parser.feed(whole.subarray(at, at + size));
          at += size;
        }
        expect(got).toEqual(wanted);
      }),
    );
  });

  it.each([
    ['another version', '0202000003000000'],
    ['the window update of version 2', '0104000003000000'],
    ['data with a FIN', '0101010003000000'],
  ])('refuses %s', (_, hex) => {
    const parser = new FrameParser({ push() {}, open() {}, finish() {} });
    expect(() => parser.feed(Buffer.from(hex, 'hex'))).toThrow(/multiplexer/);
  });
});
