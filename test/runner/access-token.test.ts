import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createAccessTokens, type TradeAssertion } from '../../src/runner/access-token.js';
import { makeMarkPrefix, makeRunnerKeys, publicKeyText } from '../../src/runner/identity.js';
import { createServerClock } from '../../src/runner/server-clock.js';
import { fakeTiming } from '../helpers/fake-timing.js';
import { until } from '../helpers/until.js';

const identity = {
  ...{ runnerId: '01JZ00000000000000000000RN', name: 'host-1', pool: 'default', tenant: 'default' },
  ...{ audience: 'roc:token', url: 'http://x', markPrefix: makeMarkPrefix(), keys: makeRunnerKeys() },
};

function scene(trade: TradeAssertion) {
  const timing = fakeTiming();
  const clock = createServerClock(timing.wall);
  return { timing, clock, tokens: createAccessTokens(identity, clock, trade) };
}

/** Hands out `token-1`, `token-2`, … that live for `lifeMs` by the server's clock. */
function issuer(lifeMs: number, now: () => number) {
  const assertions: string[] = [];
  const trade: TradeAssertion = async (assertion) => {
    assertions.push(assertion);
    return { accessToken: `token-${assertions.length}`, expiresAt: new Date(now() + lifeMs).toISOString() };
  };
  return { assertions, trade };
}

describe('access tokens', () => {
  it('are traded for assertions that are short, for this server only, and never the same', async () => {
    const issued = issuer(0, () => 0);
    const { tokens, timing } = scene(issued.trade);
    await tokens.get();
    await tokens.get();
    const [first = '', second = ''] = issued.assertions;
    expect(decodeProtectedHeader(first)).toEqual({ alg: 'EdDSA', typ: 'roc-assertion+jwt' });
    const { iss, sub, aud, iat = 0, exp = 0, jti } = decodeJwt(first);
    expect([iss, sub, aud]).toEqual([identity.runnerId, identity.runnerId, 'roc:token']);
    expect(exp - iat).toBeLessThanOrEqual(60);
    expect(iat * 1000).toBeLessThanOrEqual(timing.wall());
    expect(exp * 1000).toBeGreaterThan(timing.wall() + 30_000);
    expect(jti).toHaveLength(36);
    expect(decodeJwt(second).jti).not.toBe(jti);
    const key = await importJWK(
      { kty: 'OKP', crv: 'Ed25519', x: publicKeyText(identity.keys.sign) },
      'EdDSA',
    );
    await jwtVerify(first, key, { currentDate: new Date(timing.wall()) });
  });

  it('are kept, renewed ahead of their end without anyone waiting, and never used to the last second', async () => {
    const { timing, tokens } = scene((assertion) => issued.trade(assertion));
    const issued = issuer(600_000, timing.wall);
    expect([await tokens.get(), await tokens.get()]).toEqual(['token-1', 'token-1']);
    await timing.advance(539_000);
    expect(await tokens.get()).toBe('token-1');
    await timing.advance(2000);
    expect(await tokens.get()).toBe('token-1');
    await until('the renewal', async () => (await tokens.get()) === 'token-2');
    await timing.advance(590_000);
    expect(await tokens.get()).toBe('token-3');
  });

  it('are traded for once, however many ask', async () => {
    const issued = issuer(600_000, Date.now);
    const { tokens } = scene(issued.trade);
    await Promise.all(Array.from({ length: 5 }, () => tokens.get()));
    expect(issued.assertions).toHaveLength(1);
  });

  it('are new after one was refused, unless a newer one is at hand already', async () => {
    const issued = issuer(600_000, Date.now);
    const { tokens } = scene(issued.trade);
    const first = await tokens.get();
    tokens.drop(first);
    const second = await tokens.get();
    tokens.drop(first);
    expect([first, second, await tokens.get()]).toEqual(['token-1', 'token-2', 'token-2']);
  });

  it('go on serving while a renewal fails', async () => {
    let isAway = false;
    const { timing, tokens } = scene(async (assertion) => {
      if (isAway) throw new TypeError('away');
      return issued.trade(assertion);
    });
    const issued = issuer(600_000, timing.wall);
    await tokens.get();
    isAway = true;
    await timing.advance(560_000);
    expect(await tokens.get()).toBe('token-1');
    await timing.advance(39_000);
    await expect(tokens.get()).rejects.toThrow('away');
  });

  it('are asked for again at once where the refusal told that the clock here is wrong', async () => {
    const { timing, clock, tokens } = scene(async (assertion) => {
      const { iat = 0 } = decodeJwt(assertion);
      const server = timing.wall() + 7_200_000;
      clock.observe(new Date(server).toUTCString());
      if (Math.abs(iat * 1000 - server) > 60_000) throw new TypeError('refused');
      return { accessToken: 'good', expiresAt: new Date(server + 600_000).toISOString() };
    });
    expect(await tokens.get()).toBe('good');
    await timing.advance(500_000);
    expect(await tokens.get()).toBe('good');
  });

  it('are not asked for twice where the refusal told nothing new', async () => {
    let tries = 0;
    const { tokens } = scene(async () => {
      tries += 1;
      throw new TypeError('refused');
    });
    await expect(tokens.get()).rejects.toThrow('refused');
    expect(tries).toBe(1);
  });
});
