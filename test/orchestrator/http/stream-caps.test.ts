import { expect, it } from 'vitest';
import { createStreamCaps } from '../../../src/orchestrator/http/stream-caps.js';

it('lets each caller have so many streams open, and gives places back once', () => {
  const caps = createStreamCaps(2);
  const first = caps.take('a');
  caps.take('a');
  expect(() => caps.take('a')).toThrow('2 streams of this caller are open already');
  caps.take('b');
  first();
  first();
  caps.take('a');
  expect(() => caps.take('a')).toThrow(expect.objectContaining({ code: 'ROC_THROTTLED' }));
});
