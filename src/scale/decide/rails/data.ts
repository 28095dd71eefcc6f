/** Data that is stale, missing, partial, duplicated or zero-filled never takes capacity away. */
import type { Doubt, Rail } from './rail.js';

const MEANING: Readonly<Record<Exclude<Doubt, ''>, string>> = {
  stale: 'the newest settled data is older than timing.maxAge',
  missing: 'there is no settled data',
  partial: 'not everything that should report has reported',
  duplicated: 'two values stand at one time (a clock put back, or a series stored twice)',
  'zero-filled': 'demand fell to exactly zero and no CPU reading confirms it',
  failed: 'CloudWatch could not be read',
};

export const dataRail: Rail = {
  id: 'data',
  apply: (proposed, { current, doubt }) => (proposed < current && doubt !== '' ? current : proposed),
  why({ doubt }, before, after) {
    if (doubt === '') return 'the signal is fresh and complete';
    return before === after
      ? `${MEANING[doubt]}: nothing would be cut on it`
      : `${MEANING[doubt]}: capacity is kept`;
  },
};
