import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHeldCalls } from '../../../src/orchestrator/http/held-calls.js';
import { startLifetime } from '../../../src/orchestrator/http/lifetime.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function begin(url: string, held = createHeldCalls()) {
  const raw = Object.assign(new EventEmitter(), { setTimeout: vi.fn() });
  const reply = { raw, sent: false };
  const expired: string[] = [];
  const lifetime = startLifetime(
    { url, raw: {} } as unknown as FastifyRequest,
    reply as unknown as FastifyReply,
    held,
    (error) => expired.push(error.code),
  );
  return { lifetime, raw, reply, expired, held };
}

describe('the life of a request', () => {
  it.each([
    ['/api/v1/jobs?x=1', 30_000],
    ['/api/v1/runner/jobs/01H/logs', 30_000],
    ['/api/v1/hooks/x', 10_000],
    ['/', 30_000],
  ])('of %s is over after %d ms', (url, ms) => {
    const { lifetime, expired } = begin(url);
    lifetime.bodyRead();
    vi.advanceTimersByTime(ms - 1);
    expect([expired, lifetime.signal.aborted]).toEqual([[], false]);
    vi.advanceTimersByTime(1);
    expect([expired, lifetime.signal.aborted]).toEqual([['ROC_TIMEOUT'], true]);
  });

  it.each(['/api/v1/runner/poll', '/api/v1/jobs/01H/events', '/api/v1/robots/x/versions/1.0.0/content'])(
    'of %s has no end once its body is there, only a limit on standing still',
    (url) => {
      const slow = begin(url);
      vi.advanceTimersByTime(30_000);
      expect(slow.expired).toEqual(['ROC_TIMEOUT']);
      const { lifetime, expired, raw } = begin(url);
      lifetime.bodyRead();
      vi.advanceTimersByTime(3_600_000);
      expect(expired).toEqual([]);
      expect(raw.setTimeout).toHaveBeenCalledWith(60_000, expect.any(Function));
    },
  );

  it('is not ended twice: an answer that is sent is not sent again', () => {
    const { reply, expired } = begin('/api/v1/jobs');
    reply.sent = true;
    vi.advanceTimersByTime(30_000);
    expect(expired).toEqual([]);
  });

  it('that ends unwritten is undone, once; one that was written is not', () => {
    for (const [isWritten, undone] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const { lifetime, raw } = begin('/api/v1/runner/poll');
      let count = 0;
      lifetime.undo.push(() => count++);
      if (isWritten) raw.emit('finish');
      raw.emit('close');
      raw.emit('close');
      expect([count, lifetime.gone, lifetime.signal.aborted]).toEqual([undone, !isWritten, !isWritten]);
    }
  });

  it('ends with the server where it is held, also when it comes too late', () => {
    const { lifetime, held } = begin('/api/v1/runner/poll');
    const other = begin('/api/v1/jobs', held);
    held.endAll();
    expect([lifetime.signal.aborted, other.lifetime.signal.aborted]).toEqual([true, false]);
    expect(begin('/api/v1/jobs/01H/events', held).lifetime.signal.aborted).toBe(true);
  });
});
