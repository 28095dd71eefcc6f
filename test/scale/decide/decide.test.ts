/** The decision as a whole, on small histories. */
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/kernel/time.js';
import { decide } from '../../../src/scale/decide/decide.js';
import { emptyState } from '../../../src/scale/decide/state.js';
import { aPolicy, aSnapshot, START } from './cases.js';

describe('a decision', () => {
  it('adds at once what demand needs', () => {
    const now = START + 90 * MINUTE;
    const snapshot = aSnapshot({ desired: 2, demand: Array.from({ length: 90 }, () => 2500) });
    const decision = decide(aPolicy(), snapshot, emptyState(), now);
    expect(decision).toMatchObject({ current: 2, desired: 4, action: 'out' });
  });

  it('cuts one at a time once the whole window needs less', () => {
    const now = START + 90 * MINUTE;
    const snapshot = aSnapshot({ desired: 5, demand: Array.from({ length: 90 }, () => 100) });
    expect(decide(aPolicy(), snapshot, emptyState(), now)).toMatchObject({ desired: 4, action: 'in' });
  });
});
