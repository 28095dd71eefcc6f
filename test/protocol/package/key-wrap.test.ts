import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  generateWrapKeyPair,
  type KeyBinding,
  unwrapKey,
  wrapKeyFor,
} from '../../../src/protocol/package/key-wrap.js';

const binding: KeyBinding = { runnerId: 'runner-1', jobId: 'job-1', epoch: 3, digest: 'sha256:00' };
const refused = expect.objectContaining({ code: 'ROC_REFUSED' });

describe('a wrapped data key', () => {
  it('opens for the runner, job, epoch and package it was wrapped for', () => {
    const runner = generateWrapKeyPair();
    const dataKey = randomBytes(32);
    const wrapped = wrapKeyFor(runner.publicKey, dataKey, binding);
    expect(unwrapKey(runner.privateKey, wrapped, binding).equals(dataKey)).toBe(true);
    expect(Buffer.from(wrapped, 'base64url')).toHaveLength(81);
  });

  it('differs each time and holds nothing of the key', () => {
    const runner = generateWrapKeyPair();
    const dataKey = randomBytes(32);
    const [a, b] = [
      wrapKeyFor(runner.publicKey, dataKey, binding),
      wrapKeyFor(runner.publicKey, dataKey, binding),
    ];
    expect(a).not.toBe(b);
    expect(Buffer.from(a, 'base64url').includes(dataKey.subarray(0, 4))).toBe(false);
  });

  it.each([
    ['another runner id', { runnerId: 'runner-2' }],
    ['another job', { jobId: 'job-2' }],
    ['a later epoch', { epoch: 4 }],
    ['another package', { digest: 'sha256:01' }],
    ['a shifted boundary', { runnerId: 'runner-1","job-1', jobId: '' }],
  ])('does not open for %s', (_, change) => {
    const runner = generateWrapKeyPair();
    const wrapped = wrapKeyFor(runner.publicKey, randomBytes(32), binding);
    expect(() => unwrapKey(runner.privateKey, wrapped, { ...binding, ...change })).toThrow(refused);
  });

  it('does not open for another runner that saw it', () => {
    const wrapped = wrapKeyFor(generateWrapKeyPair().publicKey, randomBytes(32), binding);
    expect(() => unwrapKey(generateWrapKeyPair().privateKey, wrapped, binding)).toThrow(refused);
  });

  it('does not open with any bit flipped, or at another length', () => {
    const runner = generateWrapKeyPair();
    const bytes = Buffer.from(wrapKeyFor(runner.publicKey, randomBytes(32), binding), 'base64url');
    const open = (changed: Buffer) => () =>
      unwrapKey(runner.privateKey, changed.toString('base64url'), binding);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      // X25519 ignores the top bit of a point (RFC 7748 §5); the salt does not.
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(open(flipped)).toThrow(refused);
    }
    expect(open(bytes.subarray(0, -1))).toThrow(refused);
    expect(open(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(refused);
  });

  it.each(['', 'AAAA', '!!!!', 'A'.repeat(500)])('is refused where it is none: %j', (text) => {
    expect(() => unwrapKey(generateWrapKeyPair().privateKey, text, binding)).toThrow(refused);
  });
});

describe('wrapKeyFor', () => {
  // The points of small order: the secret shared with them is the same for everyone.
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('refuses the point of low order %s', (hex) => {
    const publicKey = Buffer.from(hex, 'hex').toString('base64url');
    expect(() => wrapKeyFor(publicKey, randomBytes(32), binding)).toThrow(
      expect.objectContaining({ code: 'ROC_INVALID_INPUT' }),
    );
  });

  it.each(['', 'AAAA', `${'A'.repeat(42)}=`, 'A'.repeat(44), `${'A'.repeat(42)}B`])(
    'refuses %j as a public key',
    (text) => {
      expect(() => wrapKeyFor(text, randomBytes(32), binding)).toThrow(
        expect.objectContaining({ code: 'ROC_INVALID_INPUT' }),
      );
    },
  );

  it('takes only a data key of 32 bytes', () => {
    expect(() => wrapKeyFor(generateWrapKeyPair().publicKey, randomBytes(16), binding)).toThrow(TypeError);
  });
});
