/** What the settings of a bucket promise, against what the policy asks. Pure. */
import { formatDuration } from '../../kernel/time.js';
import type { Outcome } from '../checks/context.js';
import type { S3Asset } from '../model.js';
import type { BucketSettings } from './ports.js';

type Retention = S3Asset['retention'];

export function judgeVersioning({ isVersioned }: BucketSettings): Outcome {
  const expected = 'versions are kept';
  return isVersioned
    ? { verdict: 'pass', expected, actual: 'versioning is on' }
    : { verdict: 'fail', expected, actual: 'versioning is off: what is overwritten or deleted is lost' };
}

export function judgeLock({ lock }: BucketSettings, { lock: wanted, min }: Retention): Outcome {
  const expected =
    wanted === 'required' ? `nothing can be deleted for ${formatDuration(min)}` : 'a lock is not asked for';
  const actual =
    lock === null
      ? 'no Object Lock'
      : lock.mode === null
        ? 'Object Lock without a default: objects are locked one by one, or not'
        : `${lock.mode} for ${formatDuration(lock.retention)}`;
  if (wanted !== 'required') return { verdict: 'pass', expected, actual };
  // Who may bypass governance may delete.
  const isHeld = lock?.mode === 'COMPLIANCE' && lock.retention >= min;
  return {
    verdict: isHeld ? 'pass' : 'fail',
    expected,
    actual: lock?.mode === 'GOVERNANCE' ? `${actual}, which can be bypassed` : actual,
  };
}

export function judgeLifecycle({ lifecycle }: BucketSettings, { min }: Retention, prefix: string): Outcome {
  const expected = `no rule deletes a version before ${formatDuration(min)}`;
  const touches = (rule: string) => rule.startsWith(prefix) || prefix.startsWith(rule);
  const early = lifecycle
    .filter((rule) => touches(rule.prefix))
    .flatMap(({ id, noncurrentExpires }) =>
      noncurrentExpires !== null && noncurrentExpires < min
        ? [`${id} deletes former versions after ${formatDuration(noncurrentExpires)}`]
        : [],
    );
  return { verdict: early.length === 0 ? 'pass' : 'fail', expected, actual: early.join('; ') || 'none does' };
}

export function judgeEncryption({ encryption }: BucketSettings): Outcome {
  return {
    verdict: encryption === null ? 'fail' : 'pass',
    expected: 'objects are encrypted by default',
    actual: encryption ?? 'no default encryption',
  };
}

export function judgePublic({ isPublicBlocked }: BucketSettings): Outcome {
  return {
    verdict: isPublicBlocked ? 'pass' : 'fail',
    expected: 'all public access is blocked',
    actual: isPublicBlocked ? 'blocked' : 'the public access block is missing or not whole',
  };
}
