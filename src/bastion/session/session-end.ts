/** How a session ends, and what to tell the person about it. */
import { isRocError, RocError } from '../../kernel/errors.js';
import { formatDuration } from '../../kernel/time.js';
import type { ChannelFailure } from '../protocol/reliable-channel.js';

export type SessionEnd =
  | { readonly by: 'us' }
  /** `reason` is what the gateway or the agent said, often empty. */
  | { readonly by: 'them'; readonly reason: string }
  | { readonly by: 'failure'; readonly error: RocError };

/** The error for a caller that still wanted something of the session. */
export function endError(end: SessionEnd): RocError {
  if (end.by === 'failure') return end.error;
  if (end.by === 'us') return new RocError('ROC_INTERRUPTED', 'the session was ended');
  return closedBy(end.reason);
}

/** A session that the other side closed with a reason; the agent's frame around the text is taken away. */
export function closedBy(reason: string): RocError {
  const text = reason
    .replace(/-{4,}\s*(ERROR|OUTPUT)?\s*-*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') {
    return new RocError('ROC_UNREACHABLE', 'the session was closed by the other side', {
      hint: 'Start it again; the idle time-out and the longest duration stand in the Session Manager preferences.',
    });
  }
  return new RocError('ROC_REFUSED', `the session was closed: ${text}`, {
    hint: hintFor(text),
    details: { reason: text },
  });
}

export function channelError(why: ChannelFailure): RocError {
  if (why.kind === 'garbage') {
    return new RocError('ROC_UNREACHABLE', `the gateway sends what no session sends (${why.detail})`, {
      hint: 'A proxy may be changing the traffic; try from another network.',
    });
  }
  const what =
    why.kind === 'paused'
      ? 'the gateway asked to stop sending and did not take it back'
      : 'the agent acknowledged nothing';
  return new RocError('ROC_TIMEOUT', `${what} for ${formatDuration(why.milliseconds)}`, {
    hint: 'Look at the instance with `roc bastion doctor`, then start the session again.',
  });
}

export function lateStart(limit: number): RocError {
  return new RocError(
    'ROC_TIMEOUT',
    `the agent on the instance did not start the session in ${formatDuration(limit)}`,
    { hint: 'Look at the instance with `roc bastion doctor`.' },
  );
}

export function asRocError(error: unknown): RocError {
  if (isRocError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RocError('ROC_UNEXPECTED', `the session failed: ${message}`, { cause: error });
}

function hintFor(reason: string): string {
  const row = HINTS.find(({ says }) => says.test(reason));
  return row?.hint ?? 'Correct what the agent names and start the session again.';
}

const HINTS: readonly { says: RegExp; hint: string }[] = [
  {
    says: /forwarding to ip address .* is forbidden/i,
    hint: 'The agent refuses metadata, DNS and time addresses and the reserved addresses of the VPC; name another host.',
  },
  {
    says: /resolve|lookup|no such host/i,
    hint: 'The name must resolve inside the VPC; check its private hosted zone and the DNS settings of the VPC.',
  },
  {
    says: /kms|encrypt/i,
    hint: 'The role of the instance needs kms:Decrypt on the key of the Session Manager preferences.',
  },
  {
    says: /runas|run as|user .* (not exist|invalid)/i,
    hint: 'The run-as user of the Session Manager preferences must exist on the instance.',
  },
  {
    says: /timed? ?out|inactiv|idle/i,
    hint: 'Start it again; the limit stands in the Session Manager preferences.',
  },
];
