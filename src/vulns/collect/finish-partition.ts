/** One partition to its end: joins its observations, compares them with memory, judges, counts, and sorts a run. */
import { compileScope, type ScopeTest } from '../decide/scope.js';
import { type Memory, type Sighting, TRANSITIONS } from '../decide/track.js';
import { findingJson } from '../finding-json.js';
import type { Finding, Merged, State } from '../model.js';
import { ACTIONABLE } from '../model.js';
import type { ScratchFiles } from '../scratch-files.js';
import type { Track, TrackSegment, TrackStore } from '../store/track.js';
import { joinTracks } from './join-rows.js';
import type { Judge } from './judge.js';
import { compareText } from './merge.js';
import { createPlanGatherer, type PlanPart } from './plan-groups.js';
import { createRowIndex } from './row-index.js';
import { createRunWriter, type Run, rankOf } from './run-file.js';
import type { Settings } from './settings.js';
import type { SpoolPart } from './spool.js';
import { countFinding, newTotals, type Totals } from './totals.js';

export interface FinishedPart {
  readonly totals: Totals;
  readonly gateCounts: readonly number[];
  readonly hits: readonly number[];
  readonly plan: PlanPart;
  readonly runs: readonly Run[];
  readonly segments: readonly TrackSegment[];
  /** Known open tracks that this run neither saw nor covered. */
  readonly unasked: number;
}

export interface Finisher {
  finish(partition: number, parts: readonly SpoolPart[]): void;
  result(): FinishedPart;
}

export interface FinisherOptions {
  readonly settings: Settings;
  readonly judge: Judge;
  readonly store: TrackStore | null;
  /** From a key to the one that stands for it. */
  readonly links: ReadonlyMap<string, string>;
  /** Where runs go; null keeps them in memory. */
  readonly scratch: ScratchFiles | null;
}

export function createFinisher({ settings, judge, store, links, scratch }: FinisherOptions): Finisher {
  const totals = newTotals();
  const gateCounts = judge.gates.map(() => 0);
  const gatherer = createPlanGatherer();
  const scope = compileScope(settings.scope);
  const runs = createRunWriter(scratch);
  const rows = createRowIndex();
  let unasked = 0;

  function list(merged: Merged, finding: Finding): void {
    const { dueAt } = finding.decision;
    const due = dueAt === null ? null : Date.parse(dueAt);
    countFinding(totals, finding, judge.bucket(finding, due));
    for (let i = 0; i < judge.gates.length; i++)
      if (judge.gates[i]?.(finding) === true) gateCounts[i] = (gateCounts[i] ?? 0) + 1;
    if (ACTIONABLE.has(finding.state)) gatherer.add(merged, finding, due);
    runs.add(rankOf(finding, due), finding.key, findingJson(finding));
  }

  // "New" needs a memory to be new to.
  function firstState(key: string): State {
    if (settings.hasStore) return 'new';
    if (settings.baseline === null) return 'open';
    const before = settings.baseline.get(key);
    return before === undefined ? 'new' : before === 'fixed' ? 'regressed' : 'open';
  }

  function finishTrack(key: string, seen: readonly Merged[], known: Track | undefined): Track | null {
    const sight = sightingOf(seen, known, scope);
    const transition = TRANSITIONS[known?.state ?? 'none'][sight.sighting];
    // A source's date in the future would put off every due date with it.
    const first = Math.min(known?.since ?? firstOf(seen) ?? settings.now, settings.now);
    const since = transition.restarts ? settings.now : first;
    if (sight.isUnasked) unasked++;
    if (transition.listed !== null) {
      const state = transition.listed === 'new' ? firstState(key) : transition.listed;
      const shown = sight.sighting === 'active' ? sight.rows : (known?.rows ?? []);
      for (const merged of shown) list(merged, judge.judge(merged, state, since));
    }
    return remember(key, { sight, known, seen, since, now: settings.now, memory: transition.memory });
  }

  return {
    finish(partition, parts) {
      const known = new Map((store?.read(partition) ?? []).map((track) => [track.key, track]));
      const kept: Track[] = [];
      const keep = (track: Track | null): void => {
        if (track !== null && store !== null) kept.push(track);
      };
      rows.load(parts, links);
      for (const [key, seen] of joinTracks(rows, settings.policy.severity.prefer)) {
        keep(finishTrack(key, seen, known.get(key)));
        known.delete(key);
      }
      for (const [key, track] of known) keep(finishTrack(key, [], track));
      if (known.size > 0) kept.sort((a, b) => compareText(a.key, b.key));
      store?.write(partition, kept);
    },
    result: () => ({
      totals,
      gateCounts,
      hits: judge.hits,
      plan: gatherer.part(),
      runs: runs.finish(),
      segments: store?.finish() ?? [],
      unasked,
    }),
  };
}

interface Remembering {
  readonly sight: Sight;
  readonly known: Track | undefined;
  readonly seen: readonly Merged[];
  readonly since: number;
  readonly now: number;
  readonly memory: Memory;
}

function remember(key: string, { sight, known, seen, since, now, memory }: Remembering): Track | null {
  if (memory === 'none') return null;
  const isActive = sight.sighting === 'active';
  return {
    key,
    state: memory,
    first: Math.min(known?.first ?? Number.POSITIVE_INFINITY, firstOf(seen) ?? known?.first ?? now),
    since,
    last: isActive || known === undefined ? now : known.last,
    fixedAt: memory === 'open' ? null : (known?.fixedAt ?? now),
    rows: isActive || known === undefined ? sight.rows : known.rows,
  };
}

interface Sight {
  readonly sighting: Sighting;
  readonly rows: readonly Merged[];
  readonly isUnasked: boolean;
}

// In a listing of changes an unmentioned finding is as it was: its remembered rows stand in.
function sightingOf(seen: readonly Merged[], known: Track | undefined, scope: ScopeTest): Sight {
  const open = seen.filter((merged) => merged.status !== 'closed');
  if (open.length > 0) return { sighting: 'active', rows: open, isUnasked: false };
  if (seen.length > 0) return { sighting: 'closed', rows: [], isUnasked: false };
  const verdict = known === undefined || known.rows.length === 0 ? 'unasked' : scope(known.rows);
  if (verdict === 'delta' && known?.state === 'open')
    return { sighting: 'active', rows: known.rows, isUnasked: false };
  if (verdict === 'covered') return { sighting: 'silent', rows: [], isUnasked: false };
  return { sighting: 'unasked', rows: [], isUnasked: known?.state === 'open' };
}

function firstOf(seen: readonly Merged[]): number | undefined {
  let first: number | undefined;
  for (const { firstSeen } of seen)
    if (firstSeen !== undefined && (first === undefined || firstSeen < first)) first = firstSeen;
  return first;
}
