import { describe, expect, it } from 'vitest';
import { createServerClock } from '../../src/runner/server-clock.js';

describe('the clock of the server', () => {
  const start = Date.parse('2026-03-01T12:00:00.250Z');
  it.each([
    ['nothing said', null, 0],
    ['the same second', 'Sun, 01 Mar 2026 12:00:00 GMT', 0],
    ['a second apart, which is the resolution', 'Sun, 01 Mar 2026 12:00:01 GMT', 0],
    ['an hour ahead', 'Sun, 01 Mar 2026 13:00:00 GMT', 3_600_250],
    ['a day behind', 'Sat, 28 Feb 2026 12:00:00 GMT', -86_399_750],
    ['no date', 'yesterday', 0],
  ])('%s', (_, header, offset) => {
    const clock = createServerClock(() => start);
    clock.observe(header);
    expect(clock.offset()).toBe(offset);
    expect(clock.now()).toBe(start + offset);
  });
});
