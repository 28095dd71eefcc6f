import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { createRefreshTokens, hashOfToken } from '../../../src/orchestrator/auth/refresh-tokens.js';

const tokens = createRefreshTokens(randomBytes(32));

function changed(token: string, part: number): string {
  const parts = token.split('.');
  parts[part] = parts[part]!.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  return parts.join('.');
}

describe('refresh tokens', () => {
  it('name their session and fit into the request', () => {
    const sessionId = ulid();
    const token = tokens.first(sessionId);
    expect(tokens.read(token)?.sessionId).toBe(sessionId);
    expect(token.length).toBeLessThanOrEqual(200);
    expect(hashOfToken(token)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('follow one from the other, always alike', () => {
    const token = tokens.first(ulid());
    const read = tokens.read(token)!;
    const next = tokens.next(read);
    expect(next).not.toBe(token);
    expect(tokens.next(read)).toBe(next);
    expect(tokens.read(next)?.sessionId).toBe(read.sessionId);
    expect(tokens.next(tokens.read(next)!)).not.toBe(next);
  });

  it('are random at first', () => {
    const sessionId = ulid();
    expect(tokens.first(sessionId)).not.toBe(tokens.first(sessionId));
  });

  it.each([
    ['nothing', () => ''],
    ['junk', () => 'rocr_x_y_z'],
    ['one of another server', () => createRefreshTokens(randomBytes(32)).first(ulid())],
    ['a changed secret', () => changed(tokens.first(ulid()), 1)],
    ['a changed tag', () => changed(tokens.first(ulid()), 2)],
    ['another session', () => tokens.first(ulid()).replace(/rocr_.{26}/, `rocr_${ulid()}`)],
    ['a longer one', () => `${tokens.first(ulid())}x`],
  ])('refuse %s', (_, make) => {
    expect(tokens.read(make())).toBeNull();
  });
});
