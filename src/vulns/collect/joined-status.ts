/** Open or closed, when several sources speak of one finding. */
import type { Observation } from '../model.js';

/**
 * Copies of one record (one ARN, or one id of one tool) differ in age, so its latest word counts; between records the
 * open one does: what one tool closed is not closed while another still sees it.
 */
export function joinedStatus(from: readonly Observation[]): Observation['status'] {
  const records = new Map<string, Observation>();
  for (const o of from) {
    const name = o.arn ?? `${o.tool}\n${o.sourceId}`;
    const known = records.get(name);
    if (known === undefined || isLater(o, known)) records.set(name, o);
  }
  const words = new Set([...records.values()].map((o) => o.status));
  if (words.has('active')) return 'active';
  return words.has('suppressed') ? 'suppressed' : 'closed';
}

// A record that is open and tells no time is as old as its file, which is what there is: it is not outvoted.
function isLater(a: Observation, b: Observation): boolean {
  const [timeA, timeB] = [timeOf(a), timeOf(b)];
  return timeA === timeB ? OPENNESS[a.status] > OPENNESS[b.status] : timeA > timeB;
}

function timeOf({ lastSeen, status }: Observation): number {
  return lastSeen ?? (status === 'active' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
}

const OPENNESS: Readonly<Record<Observation['status'], number>> = { closed: 0, suppressed: 1, active: 2 };
