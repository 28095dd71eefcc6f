/** Which bucket an asset is. */
import { RocError } from '../../kernel/errors.js';
import type { S3Asset } from '../model.js';
import type { Room } from '../room.js';

/** @throws RocError ROC_USAGE where neither policy nor stack names it */
export function bucketOf({ outputs }: Pick<Room, 'outputs'>, { bucket, id }: S3Asset): string {
  const name = bucket ?? outputs?.robotsBucket ?? undefined;
  if (name !== undefined) return name;
  throw new RocError('ROC_USAGE', `nothing says which bucket ${id} is`, {
    hint: 'Write bucket in the policy, or run `roc provision apply`.',
  });
}
