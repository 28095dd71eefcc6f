/** One id for each request, in its log lines and its reply: the caller's own where it is safe to repeat. */
import { ulid } from 'ulid';
import { randomFraction } from '../../kernel/random-fraction.js';

const SAFE_ID = /^[A-Za-z0-9._-]{8,64}$/;

export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && SAFE_ID.test(header) ? header : ulid(undefined, randomFraction);
}
