/**
 * A job's row is made about as long as it will become, and gives up of that room as it fills. InnoDB packs rows that are
 * inserted in order, and a row that grows in a full page makes it write the whole page anew, and into its log: several
 * kilobytes for each change of a job. A row that does not grow takes the place of its former self.
 */
import type { JobState } from '../../protocol/job-states.js';

/** Characters left over in each state; what a state is not named for leaves the room as it is. */
const ROOM: Partial<Record<JobState, number>> = {
  // The name of the runner comes, then the time of the start, then that of the end and a short output.
  queued: 120,
  scheduled: 120,
  leased: 64,
  running: 48,
};

/** What the column `spare` holds in a state; no reader cares. */
export function spareRoom(state: JobState, isOver: boolean): { readonly spare?: string | null } {
  if (isOver) return { spare: null };
  const room = ROOM[state];
  return room === undefined ? {} : { spare: '.'.repeat(room) };
}
