/** Which bucket an asset is: the policy's, else the stack's; never one that it is to be compared with. */
import { RocError } from '../../kernel/errors.js';
import type { S3Asset } from '../model.js';
import type { Room } from '../room.js';

/** @throws RocError ROC_USAGE where neither policy nor stack names it, ROC_POLICY_INVALID where it is its own replica */
export function bucketOf(
  { outputs }: Pick<Room, 'outputs'>,
  { id, bucket, replica, checks }: Pick<S3Asset, 'id' | 'bucket' | 'replica' | 'checks'>,
): string {
  const name = bucket ?? outputs?.robotsBucket;
  if (!name)
    throw new RocError('ROC_USAGE', `nothing says which bucket ${id} is`, {
      hint: 'Write bucket in the policy, or run `roc provision apply`.',
    });
  // The policy's own rules cannot see this where the stack names the bucket.
  const same = [
    ...(replica?.bucket === name ? ['replica.bucket'] : []),
    ...(checks.restoreTo === name ? ['checks.restoreTo'] : []),
  ];
  if (same.length === 0) return name;
  throw new RocError('ROC_POLICY_INVALID', `${same.join(' and ')} of ${id} is ${name}, the bucket itself`, {
    hint: 'Name another bucket: what is compared with itself is always the same.',
  });
}
