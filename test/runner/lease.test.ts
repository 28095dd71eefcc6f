import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJobControl } from '../../src/runner/job-control.js';
import { fenceAt, fenceMargin, pollWaitMs } from '../../src/runner/lease.js';

describe('the fence', () => {
  it.each([
    [60_000, 10_000],
    [600_000, 10_000],
    [6000, 1000],
    [600, 100],
  ])('of a lease of %i ms stands %i ms before its end', (leaseMs, margin) => {
    expect(fenceMargin(leaseMs)).toBe(margin);
    expect(fenceAt(1000, leaseMs)).toBe(1000 + leaseMs - margin);
  });

  it('leaves room for a whole poll and a heartbeat of a quarter lease', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 600_000 }), (leaseMs) => {
        const oldest = pollWaitMs(leaseMs) + leaseMs / 4;
        expect(oldest).toBeLessThan(fenceAt(0, leaseMs));
        expect(pollWaitMs(leaseMs)).toBeLessThanOrEqual(25_000);
      }),
    );
  });
});

describe('the reins of a job', () => {
  const ref = { jobId: 'j', epoch: 1 };

  it('move the fence forward with each renewal, never back', () => {
    const job = createJobControl(ref, 60_000, 100);
    expect(job.fencedAt).toBe(50_100);
    job.renewed(5000);
    expect(job.fencedAt).toBe(55_000);
    job.renewed(4000);
    expect(job.fencedAt).toBe(55_000);
  });

  it('keep the first reason, unless a later one forbids any report', () => {
    const job = createJobControl(ref, 60_000, 0);
    job.stop('cancel', 700);
    job.stop('timeout', 5);
    expect([job.reason, job.graceMs, job.stopping.aborted, job.killing.aborted]).toEqual([
      'cancel',
      700,
      true,
      false,
    ]);
    job.stop('lost');
    expect([job.reason, job.graceMs, job.killing.aborted]).toEqual(['lost', 0, true]);
    job.stop('cancel', 700);
    expect(job.reason).toBe('lost');
  });

  it.each(['fenced', 'lost'] as const)('leave no time to ask when it is %s', (reason) => {
    const job = createJobControl(ref, 60_000, 0);
    job.stop(reason);
    expect(job.killing.aborted).toBe(true);
  });
});
