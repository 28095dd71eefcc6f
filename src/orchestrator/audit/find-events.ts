/** Lists audit events, also by the names that people know: names stand in the events alone, and no index has them. */
import { idSchema } from '../../protocol/schemas.js';
import { type AuditQuery, type ListedEvent, listAuditEvents } from '../store/audit-events.js';
import { cursorOf, type Page } from '../store/page.js';
import type { Reader } from '../store/store.js';

/** So many events are looked through for one page; where fewer fit, the page is short and its cursor goes on. */
const LOOKED_THROUGH = 5000;
const BATCH = 500;

/** Newest first. An actor or target that is no id is a name: `ada@example.com`, `default/greet`, `greet`. */
export async function findAuditEvents(reader: Reader, query: AuditQuery): Promise<Page<ListedEvent>> {
  const actor = nameIn(query.actor);
  const target = nameIn(query.target);
  if (actor === null && target === null) return listAuditEvents(reader, query);
  const byId = {
    ...query,
    limit: BATCH,
    actor: actor === null ? query.actor : undefined,
    target: target === null ? query.target : undefined,
  };
  const found: ListedEvent[] = [];
  let cursor = query.cursor;
  for (let seen = 0; seen < LOOKED_THROUGH; seen += BATCH) {
    const page = await listAuditEvents(reader, { ...byId, cursor });
    for (const event of page.items) {
      if (!isActor(event, actor) || !isTarget(event, target)) continue;
      const last = found.at(-1);
      if (found.length === query.limit && last !== undefined)
        return { items: found, nextCursor: cursorOf(String(last.seq)) };
      found.push(event);
    }
    if (page.nextCursor === null) return { items: found, nextCursor: null };
    cursor = page.nextCursor;
  }
  return { items: found, nextCursor: cursor ?? null };
}

function nameIn(wanted: string | undefined): string | null {
  return wanted === undefined || idSchema.safeParse(wanted).success ? null : wanted.toLowerCase();
}

function isActor({ actor }: ListedEvent, name: string | null): boolean {
  return name === null || actor.name.toLowerCase() === name || actor.id === name;
}

/** A robot's name also finds its versions, and a name without its project that in every project. */
function isTarget({ target }: ListedEvent, wanted: string | null): boolean {
  if (wanted === null) return true;
  const name = target?.name?.toLowerCase() ?? '';
  const [unversioned = ''] = name.split('@', 1);
  return [name, unversioned, name.split('/').at(-1), unversioned.split('/').at(-1), target?.id].includes(
    wanted,
  );
}
