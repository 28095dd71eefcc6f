import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame, writeFrame } from '../../helpers/ssm-gateway/wire.js';
import { VirtualSession } from './virtual-session.js';

const QUIET = { seed: 1, drop: 0, duplicate: 0, latency: 10, jitter: 0 };
const numbered = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);
const inputs = (session: VirtualSession) =>
  session.transmitted
    .map(({ at, frame }) => ({ at, ...readFrame(frame) }))
    .filter(({ type }) => type === 'input_stream_data');

describe('whatever the network does', () => {
  const network = fc.record({
    seed: fc.nat(),
    drop: fc.double({ min: 0, max: 0.3, noNaN: true }),
    duplicate: fc.double({ min: 0, max: 0.3, noNaN: true }),
    latency: fc.integer({ min: 0, max: 120 }),
    jitter: fc.integer({ min: 0, max: 60 }),
  });
  const cuts = fc.array(fc.record({ at: fc.nat(3000), away: fc.integer({ min: 1, max: 2000 }) }), {
    maxLength: 4,
  });

  it('each side gets what the other sent, in order, exactly once', () => {
    fc.assert(
      fc.property(network, cuts, fc.nat(300), fc.nat(150), (conditions, breaks, up, down) => {
        const session = new VirtualSession(conditions);
        session.up();
        for (const [i, text] of numbered(up, 'u').entries()) session.at(i * 3, () => session.send(text));
        for (const [i, text] of numbered(down, 'd').entries())
          session.at(i * 5, () => session.agentSends(text));
        for (const { at, away } of breaks) {
          session.at(at, () => session.down());
          session.at(at + away, () => session.up());
        }
        const isDone = () =>
          session.atAgent.length >= up && session.atClient.length >= down && session.now > 1_006_000;
        expect(session.run(isDone, 300_000)).toBe(true);
        expect(session.atAgent).toEqual(numbered(up, 'u'));
        expect(session.atClient).toEqual(numbered(down, 'd'));
        expect(session.failures).toEqual([]);
        expect(session.run(() => session.channel.unacknowledged + session.agentUnacked === 0, 120_000)).toBe(
          true,
        );
      }),
      { numRuns: process.env['ROC_TEST_SIZE'] === 'long' ? 2000 : 40 },
    );
  });
});

describe('sending', () => {
  it('starts with a window of 32 and grows with the acknowledgements', () => {
    const session = new VirtualSession({ ...QUIET, latency: 40 });
    session.up();
    for (const text of numbered(2000, 'm')) session.send(text);
    expect(session.transmitted.length).toBe(32);
    expect(session.channel.hasRoom).toBe(false);
    session.run(() => session.now >= 1_000_085, 1000);
    expect(inputs(session).length).toBe(32 + 64);
    expect(session.run(() => session.atAgent.length === 2000, 5000)).toBe(true);
    expect(session.channel.counts.resent).toBe(0);
  });

  it('resends what was lost soon after later messages are acknowledged, once', () => {
    const session = new VirtualSession({ ...QUIET, latency: 20 });
    session.up();
    session.isAgentDeaf = true;
    session.send('lost');
    session.run(() => false, 25);
    session.isAgentDeaf = false;
    session.send('kept');
    expect(session.run(() => session.atAgent.length === 2, 90)).toBe(true);
    expect(session.atAgent).toEqual(['lost', 'kept']);
    expect(session.channel.counts).toMatchObject({ resent: 1, timeouts: 0 });
  });

  it('resends a lost tail after the time-out, then less and less often', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    session.isAgentDeaf = true;
    session.send('x');
    session.run(() => false, 5000);
    const times = inputs(session).map(({ at }) => at - 1_000_000);
    expect(times[1]).toBeGreaterThanOrEqual(200);
    expect(times[1]).toBeLessThan(220);
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(1010);
    expect(gaps.at(-1)).toBeGreaterThan(990);
  });

  it('sends everything unacknowledged again at once and in order when the link comes back', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    session.isAgentDeaf = true;
    for (const text of numbered(20, 'm')) session.send(text);
    session.run(() => false, 50);
    session.down();
    session.run(() => false, 1000);
    session.isAgentDeaf = false;
    const before = session.transmitted.length;
    session.up();
    const again = inputs(session)
      .slice(before)
      .map(({ sequence }) => Number(sequence));
    expect(again).toEqual(numbered(20, '').map(Number));
    expect(session.run(() => session.atAgent.length === 20, 25)).toBe(true);
  });

  it('keeps to the rate it was given', () => {
    const session = new VirtualSession(QUIET, { maxRate: 100_000 });
    session.up();
    for (let i = 0; i < 500; i++) session.send('x'.repeat(880));
    session.run(() => session.atAgent.length === 500, 60_000);
    const seconds = (session.now - 1_000_000) / 1000;
    expect(500_000 / seconds).toBeLessThan(110_000);
    expect(500_000 / seconds).toBeGreaterThan(80_000);
  });
});

describe('the peer says stop', () => {
  const pause = writeFrame({ type: 'pause_publication' });
  const start = writeFrame({ type: 'start_publication' });

  it('nothing is sent or resent until it says go on', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    session.isAgentDeaf = true;
    session.send('before');
    session.gatewaySends(pause);
    session.run(() => false, 11);
    const sent = session.transmitted.length;
    session.send('meanwhile');
    session.run(() => false, 5000);
    expect(session.transmitted.length).toBe(sent);
    session.isAgentDeaf = false;
    session.gatewaySends(start);
    expect(session.run(() => session.atAgent.length === 2, 100)).toBe(true);
  });

  it('any data or acknowledgement means go on too', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    session.gatewaySends(pause);
    session.run(() => false, 20);
    session.send('waits');
    session.agentSends('data');
    expect(session.run(() => session.atAgent.length === 1, 100)).toBe(true);
  });

  it('a pause without an end is a failure', () => {
    const session = new VirtualSession(QUIET, { pauseLimit: 5000 });
    session.up();
    session.gatewaySends(pause);
    session.run(() => session.failures.length > 0, 20_000);
    expect(session.failures).toEqual([{ kind: 'paused', milliseconds: 5000 }]);
  });
});

describe('receiving', () => {
  const output = (sequence: number) =>
    Buffer.from(
      writeFrame({
        type: 'output_stream_data',
        sequence: BigInt(sequence),
        payloadType: 1,
        payload: Buffer.from(`${sequence}`),
      }),
    );

  it('acknowledges a duplicate again, and delivers it once', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    for (const sequence of [0, 0, 0]) session.channel.receive(output(sequence), session.now);
    expect(session.atClient).toEqual(['0']);
    expect(session.transmitted.length).toBe(3);
  });

  it('keeps early messages, acknowledges them, and delivers in order', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    for (const sequence of [2, 1, 3, 0]) session.channel.receive(output(sequence), session.now);
    expect(session.atClient).toEqual(['0', '1', '2', '3']);
    expect(session.transmitted.length).toBe(4);
  });

  it('leaves early messages beyond its memory to the sender', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    const payload = Buffer.alloc(1_000_000);
    const early = (sequence: number) =>
      Buffer.from(
        writeFrame({ type: 'output_stream_data', sequence: BigInt(sequence), payloadType: 1, payload }),
      );
    for (let sequence = 1; sequence <= 50; sequence++) session.channel.receive(early(sequence), session.now);
    expect(session.transmitted.length).toBe(33);
  });

  it('does not acknowledge a message with a wrong digest', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    const bad = output(0);
    bad[120] = 0x39;
    session.channel.receive(bad, session.now);
    expect([session.atClient, session.transmitted]).toEqual([[], []]);
    session.channel.receive(output(0), session.now);
    expect(session.atClient).toEqual(['0']);
  });

  it('ignores types it does not know', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    session.channel.receive(Buffer.from(writeFrame({ type: 'audio_of_tomorrow' })), session.now);
    expect(session.failures).toEqual([]);
  });

  it('gives up on nothing but garbage', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    for (let i = 0; i < 50; i++) session.channel.receive(Buffer.alloc(200, i), session.now);
    expect(session.failures).toEqual([{ kind: 'garbage', detail: expect.any(String) }]);
  });

  it('hands on why the other side closed', () => {
    const session = new VirtualSession(QUIET);
    session.up();
    const payload = Buffer.from(JSON.stringify({ Output: ' idle time-out \n' }));
    session.channel.receive(Buffer.from(writeFrame({ type: 'channel_closed', payload })), session.now);
    expect(session.closed).toEqual(['idle time-out']);
    session.send('too late');
    expect(session.transmitted).toEqual([]);
  });
});

describe('an agent that acknowledges nothing', () => {
  it('fails the channel after the limit, counted only while the link is up', () => {
    const session = new VirtualSession(QUIET, { stallLimit: 10_000 });
    session.up();
    session.isAgentDeaf = true;
    session.send('x');
    session.run(() => false, 6000);
    session.down();
    session.run(() => false, 60_000);
    session.up();
    session.run(() => false, 6000);
    expect(session.failures).toEqual([]);
    session.run(() => false, 6000);
    expect(session.failures).toEqual([{ kind: 'stalled', milliseconds: 10_000 }]);
  });
});
