import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Handshake } from '../../../src/bastion/protocol/handshake.js';
import { createSessionCipher } from '../../../src/bastion/protocol/session-cipher.js';

const VERSION = '1.2.764.0';
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const request = (...actions: unknown[]) =>
  json({ AgentVersion: '3.3.987.0', RequestedClientActions: actions });
const SESSION_TYPE = {
  ActionType: 'SessionType',
  ActionParameters: { SessionType: 'Port', Properties: { portNumber: '3306', type: 'LocalPortForwarding' } },
};
const KMS = { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'key', Challenge: 'Y2hhbGxlbmdl' } };
const replyOf = (steps: ReturnType<Handshake['receive']>) =>
  steps.flatMap((step) =>
    step.do === 'reply' ? [JSON.parse(step.payload.toString()) as Record<string, unknown>] : [],
  )[0];

describe('the handshake', () => {
  it('answers the session type and starts at the end', () => {
    const handshake = new Handshake(VERSION);
    expect(replyOf(handshake.receive(5, request(SESSION_TYPE)))).toEqual({
      ClientVersion: VERSION,
      ProcessedClientActions: [{ ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' }],
      Errors: null,
    });
    expect(handshake.receive(7, json({ CustomerMessage: 'hello' }))).toEqual([
      {
        do: 'start',
        facts: {
          agentVersion: '3.3.987.0',
          sessionType: 'Port',
          properties: { portNumber: '3306', type: 'LocalPortForwarding' },
          customerMessage: 'hello',
          encrypted: false,
        },
      },
    ]);
  });

  it('takes output without a handshake for a shell', () => {
    const [start, data] = new Handshake(VERSION).receive(1, Buffer.from('$ '));
    expect(start).toMatchObject({ do: 'start', facts: { sessionType: 'Standard_Stream', agentVersion: '' } });
    expect(data).toMatchObject({ do: 'data', payloadType: 1 });
  });

  it('holds output that comes between request and end', () => {
    const handshake = new Handshake(VERSION);
    handshake.receive(5, request(SESSION_TYPE));
    expect(handshake.receive(1, Buffer.from('early'))).toEqual([]);
    const steps = handshake.receive(7, json({}));
    expect(steps.map((step) => step.do)).toEqual(['start', 'data']);
  });

  it('asks for the key, binds the challenge and says so', () => {
    const handshake = new Handshake(VERSION);
    expect(handshake.receive(5, request(SESSION_TYPE, KMS))).toEqual([
      { do: 'fetchKey', request: { keyId: 'key', challenge: 'Y2hhbGxlbmdl' } },
    ]);
    expect(replyOf(handshake.keyReady(Buffer.from('sealed')))).toMatchObject({
      ProcessedClientActions: [
        { ActionType: 'SessionType', ActionStatus: 1 },
        {
          ActionType: 'KMSEncryption',
          ActionStatus: 1,
          ActionResult: {
            KMSCipherTextKey: 'c2VhbGVk',
            KMSCipherTextHash: null,
            ChallengeAcknowledgement: true,
          },
        },
      ],
    });
  });

  it('does not claim a challenge that an older agent did not send', () => {
    const handshake = new Handshake(VERSION);
    handshake.receive(5, request({ ...KMS, ActionParameters: { KMSKeyId: 'key' } }));
    expect(JSON.stringify(replyOf(handshake.keyReady(Buffer.from('x'))))).not.toContain(
      'ChallengeAcknowledgement',
    );
  });

  it('says of an unknown action that it is unsupported', () => {
    const reply = replyOf(
      new Handshake(VERSION).receive(5, request({ ActionType: 'Retina', ActionParameters: {} })),
    );
    expect(reply).toMatchObject({ ProcessedClientActions: [{ ActionType: 'Retina', ActionStatus: 3 }] });
  });

  it.each([
    ['no JSON', 5, Buffer.from('{')],
    ['no agent version', 5, json({ RequestedClientActions: [] })],
    ['no actions', 5, json({ AgentVersion: '3' })],
    ['an action without a type', 5, request({})],
    ['encryption without a key', 5, request({ ActionType: 'KMSEncryption', ActionParameters: {} })],
    ['a challenge without one', 8, json({})],
    ['an end that is no object', 7, json(3)],
  ])('refuses %s with a sentence', (_, payloadType, payload) => {
    expect(() => new Handshake(VERSION).receive(payloadType, payload)).toThrow(/the agent/);
  });
});

describe('the session cipher', () => {
  const key = randomBytes(64);
  const cipher = createSessionCipher(key, randomBytes);

  it('seals with the second half of the key, nonce first, tag last', () => {
    const sealed = cipher.encrypt([Buffer.from('se'), Buffer.from('cret')]);
    const decipher = createDecipheriv('aes-256-gcm', key.subarray(32), sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    expect(plain.toString()).toBe('secret');
  });

  it('opens with the first half, and refuses a changed message', () => {
    const nonce = randomBytes(12);
    const agent = createCipheriv('aes-256-gcm', key.subarray(0, 32), nonce);
    const sealed = Buffer.concat([nonce, agent.update('hello'), agent.final(), agent.getAuthTag()]);
    expect(cipher.decrypt(sealed).toString()).toBe('hello');
    sealed[13] = (sealed[13] ?? 0) ^ 1;
    expect(() => cipher.decrypt(sealed)).toThrow(/does not decrypt/);
    expect(() => cipher.decrypt(Buffer.alloc(5))).toThrow(/does not decrypt/);
  });

  it('never uses a nonce twice, and refuses a key of a wrong length', () => {
    const nonces = new Set(
      Array.from({ length: 500 }, () => cipher.encrypt([Buffer.alloc(1)]).toString('hex', 0, 12)),
    );
    expect(nonces.size).toBe(500);
    expect(() => createSessionCipher(randomBytes(32), randomBytes)).toThrow(/32 bytes/);
  });
});
