/** What may be deleted: independent conditions, each enough to stop, because a mistake here takes production away. Pure. */
import type { DatabaseFacts } from '../facts.js';
import { TEST_MARK, TEST_PREFIX, testIdOf } from '../run/names.js';

/** Why a run may not delete an instance as its own; empty where it may. */
export function objectionsToCleaning(
  instance: Pick<DatabaseFacts, 'id' | 'tags'>,
  run: string,
  sources: readonly string[],
): string[] {
  const { id, tags } = instance;
  return [
    ...(id === testIdOf(run) ? [] : [`its id is not ${testIdOf(run)}`]),
    ...(tags['roc:managed'] === TEST_MARK ? [] : [`it has no tag roc:managed=${TEST_MARK}`]),
    ...(tags['roc:run'] === run ? [] : [`its tag roc:run is not ${run}`]),
    ...(sources.includes(id) ? ['the policy names it as a source'] : []),
  ];
}

export interface SweepFacts {
  readonly now: number;
  /** Ids of the databases that policies and the stack name. */
  readonly sources: readonly string[];
  /** Runs that somebody drives now. */
  readonly liveRuns: ReadonlySet<string>;
}

/** The sweeper's guards, each with what it objects to; all must be silent. */
export const SWEEP_GUARDS: readonly {
  readonly id: string;
  readonly objects: (
    thing: { readonly id: string; readonly tags: DatabaseFacts['tags'] },
    facts: SweepFacts,
  ) => boolean;
}[] = [
  { id: 'tag', objects: ({ tags }) => tags['roc:managed'] !== TEST_MARK },
  {
    id: 'name',
    objects: ({ id, tags }) => !id.startsWith(TEST_PREFIX) || id !== testIdOf(tags['roc:run'] ?? ''),
  },
  { id: 'not-expired', objects: ({ tags }, { now }) => !(Date.parse(tags['roc:expires'] ?? '') < now) },
  { id: 'source', objects: ({ id, tags }, { sources }) => sources.includes(id) || tags['roc:source'] === id },
  { id: 'live', objects: ({ tags }, { liveRuns }) => liveRuns.has(tags['roc:run'] ?? '') },
];

/** The guards that object; empty where the thing may be taken away. */
export function objectionsToSweeping(
  thing: { readonly id: string; readonly tags: DatabaseFacts['tags'] },
  facts: SweepFacts,
): string[] {
  return SWEEP_GUARDS.filter(({ objects }) => objects(thing, facts)).map(({ id }) => id);
}

/** Worth a line in the sweeper's report: it looks like ours by tag or by name. */
export function looksOurs({
  id,
  tags,
}: {
  readonly id: string;
  readonly tags: DatabaseFacts['tags'];
}): boolean {
  return id.startsWith(TEST_PREFIX) || tags['roc:managed'] === TEST_MARK;
}
