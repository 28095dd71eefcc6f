/** ULIDs made from the database's time, so that ids of several nodes sort as things happened. */
import { monotonicFactory } from 'ulid';
import { randomFraction } from '../../kernel/random-fraction.js';

const ulid = monotonicFactory(randomFraction);

/** Later calls in this process never sort before earlier ones, even where the given time stands still. */
export function newUlid(now: number): string {
  return ulid(now);
}
