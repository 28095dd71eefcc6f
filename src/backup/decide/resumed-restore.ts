/** Whether a copy that is there already is the one that is asked for now, or what an earlier disaster left. Pure. */
import { RocError } from '../../kernel/errors.js';
import { DAY, isoTime } from '../../kernel/time.js';
import type { DatabaseFacts } from '../facts.js';

/** A restore that is gone on with is at most so old; what is older belongs to another day. */
const OLDEST = DAY;

/**
 * A copy is known by the name that it was made under, and keeps its tags when it takes the source's name: months later
 * the source itself would pass for a restore that has just been finished.
 * @param asked the point as it was written, and the name of the source
 * @throws RocError ROC_CONFLICT where going on with it would pass something else off as what was asked for
 */
export function requireAskedFor(
  copy: Pick<DatabaseFacts, 'id' | 'createdAt' | 'tags'>,
  asked: { readonly point: string; readonly to: string; readonly source: string; readonly now: number },
): void {
  const { id, createdAt } = copy;
  const point = copy.tags['roc:point'] ?? 'a point that nobody knows';
  const isOld = createdAt !== null && asked.now - createdAt > OLDEST;
  const of = `${createdAt === null ? '' : `of ${isoTime(createdAt)}, `}from ${point}`;
  if (id === asked.source && isOld)
    throw new RocError(
      'ROC_CONFLICT',
      `${id} is itself the restore ${asked.to} ${of}; nothing was restored`,
      {
        hint: 'Choose another name with --to.',
      },
    );
  if (isMoving(asked.point) ? !isOld : isSamePoint(asked.point, point)) return;
  throw new RocError(
    'ROC_CONFLICT',
    `${id} is a restore ${of}, and ${asked.point} was asked for; nothing was changed`,
    { hint: `Go on with that copy by \`--point ${point}\`, or choose another name with --to.` },
  );
}

/** Means another point each time that it is asked. */
function isMoving(point: string): boolean {
  return point === 'latest' || point === 'random' || point === 'pitr:latest';
}

function isSamePoint(asked: string, made: string): boolean {
  if (asked === made || asked.endsWith(`:${made}`)) return true;
  const second = (text: string) => Math.floor(Date.parse(text.replace(/^pitr:/, '')) / 1000);
  return /^pitr:/.test(asked) && /^pitr:/.test(made) && second(asked) === second(made);
}
