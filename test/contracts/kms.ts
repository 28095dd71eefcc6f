/** What every Kms must do; run on each implementation. */
import { describe, expect, it } from 'vitest';
import type { Kms } from '../../src/orchestrator/kms/kms.js';

export interface KmsUnderTest {
  readonly kms: Kms;
  /** Another one with the same master key, as after a restart. */
  again(): Promise<Kms>;
  /** One with another master key. */
  other(): Promise<Kms>;
}

export function kmsContract(name: string, setUp: () => Promise<KmsUnderTest>): void {
  const context = { tenant: '01HZZ', robot: 'default/totals', version: '1.0.0' };
  const refused = { code: 'ROC_BLOB_CORRUPT' };

  describe(`kms: ${name}`, () => {
    it('gives a fresh key of 32 bytes each time, and unwraps each', async () => {
      const { kms } = await setUp();
      const [a, b] = [await kms.generateDataKey(context), await kms.generateDataKey(context)];
      expect(a.plaintext).toHaveLength(32);
      expect(a.plaintext.equals(b.plaintext)).toBe(false);
      expect(a.wrapped).not.toBe(b.wrapped);
      expect((await kms.unwrap(a.wrapped, context)).equals(a.plaintext)).toBe(true);
      expect((await kms.unwrap(b.wrapped, context)).equals(b.plaintext)).toBe(true);
    });

    it('holds nothing of the key in what it wraps', async () => {
      const { kms } = await setUp();
      const { plaintext, wrapped } = await kms.generateDataKey(context);
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        expect(wrapped).not.toContain(plaintext.subarray(0, 6).toString(encoding));
    });

    it('unwraps after a restart, under the same key id', async () => {
      const { kms, again } = await setUp();
      const { plaintext, wrapped } = await kms.generateDataKey(context);
      const restarted = await again();
      expect(restarted.keyId).toBe(kms.keyId);
      expect((await restarted.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
    });

    it('does not care for the order of the context', async () => {
      const { kms } = await setUp();
      const { plaintext, wrapped } = await kms.generateDataKey(context);
      const reversed = Object.fromEntries(Object.entries(context).reverse());
      expect((await kms.unwrap(wrapped, reversed)).equals(plaintext)).toBe(true);
    });

    it.each([
      ['another tenant', { ...context, tenant: '01HYY' }],
      ['another robot', { ...context, robot: 'default/other' }],
      ['another version', { ...context, version: '1.0.1' }],
      ['one member less', { tenant: context.tenant, robot: context.robot }],
      ['one member more', { ...context, extra: 'x' }],
    ])('does not unwrap for %s', async (_, of) => {
      const { kms } = await setUp();
      const { wrapped } = await kms.generateDataKey(context);
      await expect(kms.unwrap(wrapped, of)).rejects.toMatchObject(refused);
    });

    it('wraps a key that is there already, and knows its own', async () => {
      const { kms, other } = await setUp();
      const { plaintext, wrapped } = await kms.generateDataKey(context);
      const stranger = await other();
      const moved = await stranger.wrap(plaintext, context);
      expect((await stranger.unwrap(moved, context)).equals(plaintext)).toBe(true);
      expect([kms.isOwn(wrapped), stranger.isOwn(wrapped)]).toEqual([true, false]);
      expect([kms.isOwn(moved), stranger.isOwn(moved)]).toEqual([false, true]);
      await expect(stranger.unwrap(moved, { ...context, tenant: 'x' })).rejects.toMatchObject(refused);
    });

    it('does not unwrap with another master key', async () => {
      const { kms, other } = await setUp();
      const stranger = await other();
      expect(stranger.keyId).not.toBe(kms.keyId);
      const { wrapped } = await kms.generateDataKey(context);
      await expect(stranger.unwrap(wrapped, context)).rejects.toMatchObject(refused);
    });

    it('does not unwrap what was changed', async () => {
      const { kms } = await setUp();
      const { wrapped } = await kms.generateDataKey(context);
      for (let at = 0; at < wrapped.length; at++) {
        const char = wrapped[at] === 'A' ? 'B' : 'A';
        const changed = `${wrapped.slice(0, at)}${char}${wrapped.slice(at + 1)}`;
        await expect(kms.unwrap(changed, context), `character ${at}`).rejects.toMatchObject(refused);
      }
      for (const text of ['', ':', wrapped.slice(0, -1), `${wrapped}A`, wrapped.toUpperCase()])
        await expect(kms.unwrap(text, context)).rejects.toMatchObject(refused);
    });
  });
}
