import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chunkOf,
  dayOf,
  draw,
  fullBucket,
  type Quota,
} from '../../../src/orchestrator/decide/token-bucket.js';

const NOON = Date.UTC(2026, 2, 1, 12);
const quota: Quota = { rps: 50, daily: 120 };

describe('a bucket', () => {
  it('gives a second of requests at once, then one each fiftieth of a second', () => {
    const first = draw(fullBucket(quota, NOON), quota, 60, 0, NOON);
    expect(first.granted).toBe(50);
    expect(draw(first.bucket, quota, 5, 0, NOON)).toMatchObject({ granted: 0, waitMs: 20 });
    expect(draw(first.bucket, quota, 5, 0, NOON + 19).granted).toBe(0);
    expect(draw(first.bucket, quota, 5, 0, NOON + 20).granted).toBe(1);
    expect(draw(first.bucket, quota, 5, 0, NOON + 10_000).granted).toBe(5);
  });

  it('gives no more than the day has left, says until when, and begins anew at midnight UTC', () => {
    const bucket = { ...fullBucket(quota, NOON), dayUsed: 118 };
    const last = draw(bucket, quota, 5, 0, NOON);
    expect(last.granted).toBe(2);
    const none = draw(last.bucket, quota, 5, 0, NOON + 5000);
    expect(none.granted).toBe(0);
    expect(none.waitMs).toBeGreaterThan(11 * 3_600_000);
    expect(draw(last.bucket, quota, 5, 0, NOON + 12 * 3_600_000).granted).toBe(5);
  });

  it('counts no request against the day that was drawn and not made', () => {
    const bucket = { ...fullBucket(quota, NOON), dayUsed: 120 };
    expect(draw(bucket, quota, 5, 3, NOON).granted).toBe(3);
  });

  it('is not filled by a clock that was set back', () => {
    const first = draw(fullBucket(quota, NOON), quota, 50, 0, NOON);
    const back = draw(first.bucket, quota, 5, 0, NOON - 10_000);
    expect(back.granted).toBe(0);
    expect(draw(back.bucket, quota, 5, 0, NOON + 20).granted).toBe(1);
  });

  it('never gives more than its size and what flowed in, whoever draws how much and when', () => {
    const steps = fc.array(fc.record({ ms: fc.nat(3000), wanted: fc.integer({ min: 1, max: 100 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), steps, (rps, draws) => {
        const own = { rps, daily: null };
        let [now, bucket, total] = [NOON, fullBucket(own, NOON), 0];
        for (const { ms, wanted } of draws) {
          now += ms;
          const { granted, bucket: next } = draw(bucket, own, wanted, 0, now);
          bucket = next;
          total += granted;
          expect(granted).toBeLessThanOrEqual(wanted);
        }
        expect(total).toBeLessThanOrEqual(rps + (rps * (now - NOON)) / 1000);
      }),
    );
  });

  it.each([
    [1, 1],
    [10, 1],
    [50, 5],
    [55, 6],
    [1000, 100],
  ])('of %i a second is drawn from by %i', (rps, chunk) => {
    expect(chunkOf({ rps, daily: null })).toBe(chunk);
  });

  it('names days in UTC', () => {
    expect(dayOf(Date.UTC(2026, 11, 31, 23, 59))).toBe(20_261_231);
  });
});
