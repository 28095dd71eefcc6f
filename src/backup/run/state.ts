/** The state of a run, folded from its events; and what is to be done next. Pure. */
import { RocError } from '../../kernel/errors.js';
import type { CleanupOutcome, EvidenceRef, MeasuredRpo, TimelineEntry } from '../evidence-input.js';
import type { DatabaseFacts, RestorePoint } from '../facts.js';
import type { CheckResult, ManifestHead, PlannedCheck, Verdict } from '../results.js';
import type { RpoFacts, RunEvent, RunPlan } from './events.js';
import { detailOf } from './timeline.js';
import { type Phase, STEPS, type Step, TRANSITIONS } from './transitions.js';

export interface RunState {
  readonly phase: Phase;
  readonly plan: RunPlan;
  readonly point: RestorePoint;
  readonly class: string;
  readonly source: DatabaseFacts | null;
  readonly restored: DatabaseFacts | null;
  readonly rpoFacts: RpoFacts;
  readonly rpo: MeasuredRpo | null;
  readonly startedAt: number;
  /** Of the first restore request; the RTO counts from here. */
  readonly requestedAt: number | null;
  readonly reachableAt: number | null;
  readonly criticalAt: number | null;
  readonly fullAt: number | null;
  /** A restore may have been asked for: there may be something to clean up. */
  readonly mayExist: boolean;
  /** AWS took the request: an instance that is not to be found is gone, not late. */
  readonly accepted: boolean;
  readonly job: string | null;
  readonly status: string | null;
  readonly seed: string | null;
  readonly manifest: ManifestHead | null;
  readonly planned: readonly PlannedCheck[] | null;
  readonly checks: readonly CheckResult[];
  readonly deviations: readonly string[];
  readonly requests: readonly { readonly call: string; readonly requestId: string }[];
  /** Nobody drove the run for a while before its critical checks were done, or a clock jumped. */
  readonly isTimeBroken: boolean;
  /** How often the way to the copy broke while it was checked. */
  readonly breaks: number;
  readonly trouble: { readonly code: string; readonly message: string; readonly verdict: Verdict } | null;
  readonly verdict: Verdict | null;
  readonly reasons: readonly string[];
  readonly cleanup: CleanupOutcome | null;
  readonly evidence: EvidenceRef | null;
  readonly timeline: readonly TimelineEntry[];
}

export function nextStep(state: RunState): Step | null {
  return STEPS[state.phase];
}

/** Whether `event` may come now. */
export function isAllowed(phase: Phase, event: RunEvent): boolean {
  return TRANSITIONS[phase][event.type] !== undefined;
}

/**
 * The state after an event at an instant (epoch milliseconds). `state` is null before the first.
 * @throws RocError ROC_CHECK_FAILED for an event that may not come in that phase
 */
export function applyEvent(state: RunState | null, event: RunEvent, at: number): RunState {
  if (state === null) {
    if (event.type === 'planned') return started(event.plan, at);
    throw outOfOrder('a journal that begins', event);
  }
  const next = TRANSITIONS[state.phase][event.type];
  if (next === undefined) throw outOfOrder(`phase ${state.phase}`, event);
  const timeline = [
    ...state.timeline,
    { at: new Date(at).toISOString(), event: event.type, detail: detailOf(event) },
  ];
  return { ...state, ...changeOf(state, event, at), phase: next === 'same' ? state.phase : next, timeline };
}

function started(plan: RunPlan, at: number): RunState {
  return {
    phase: 'planned',
    plan,
    point: plan.point,
    class: plan.placement.class,
    source: null,
    restored: null,
    rpoFacts: { gap: null, restorableLag: null },
    rpo: null,
    startedAt: at,
    requestedAt: null,
    reachableAt: null,
    criticalAt: null,
    fullAt: null,
    mayExist: false,
    accepted: false,
    job: null,
    status: null,
    seed: null,
    manifest: null,
    planned: null,
    checks: [],
    deviations: [],
    requests: [],
    isTimeBroken: false,
    breaks: 0,
    trouble: null,
    verdict: null,
    reasons: [],
    cleanup: null,
    evidence: null,
    timeline: [{ at: new Date(at).toISOString(), event: 'planned', detail: { point: plan.point.id } }],
  };
}

function changeOf(state: RunState, event: RunEvent, at: number): Partial<RunState> {
  switch (event.type) {
    case 'intent':
      return RESTORES.has(event.call) ? { mayExist: true, requestedAt: state.requestedAt ?? at } : {};
    case 'result':
      return {
        requests: [
          ...state.requests,
          ...event.requestIds.map((requestId) => ({ call: event.call, requestId })),
        ],
      };
    case 'clock-jumped':
      return {
        // It is noticed between steps: the critical checks may have ended after it.
        isTimeBroken: state.isTimeBroken || state.requestedAt !== null,
        deviations: [...state.deviations, `the clock of the host jumped by ${event.ms} ms`],
      };
    case 'resumed':
      return resumed(state, event.operator);
    case 'preflight-passed':
      return { checks: merged(state.checks, event.checks), source: event.source, rpoFacts: event.rpo };
    case 'point-replaced':
      return {
        point: event.point,
        checks: [...state.checks, event.check],
        deviations: [...state.deviations, `${event.check.actual}; restored ${event.point.id} instead`],
      };
    case 'class-replaced':
      return {
        class: event.class,
        deviations: [...state.deviations, `restored as ${event.class}: ${event.why}`],
      };
    case 'restore-accepted':
      return { accepted: true, job: event.job };
    case 'status':
      return { status: event.status };
    case 'reachable':
      return { reachableAt: at };
    case 'signed-in':
      return {
        seed: state.seed ?? event.seed,
        manifest: event.manifest,
        restored: event.restored,
      };
    case 'checks-planned':
      return { planned: event.planned };
    case 'check-done':
      return withCheck(state, event.result, at);
    case 'checks-done':
      return { fullAt: at };
    case 'way-lost':
      return {
        breaks: state.breaks + 1,
        deviations: [...state.deviations, `the way to the copy broke: ${event.why}`],
      };
    case 'failed':
      return {
        trouble: { code: event.code, message: event.message, verdict: event.verdict },
        checks: merged(state.checks, event.checks),
      };
    case 'interrupted':
      return {
        trouble: { code: 'ROC_INTERRUPTED', message: 'stopped by its operator', verdict: 'inconclusive' },
      };
    case 'judged':
      return {
        verdict: event.verdict,
        reasons: event.reasons,
        rpo: event.rpo,
        checks: merged(state.checks, event.checks),
      };
    case 'cleaned':
      return { cleanup: cleaned(state, event.goneAt, event.leftovers) };
    case 'kept':
      return { cleanup: { verdict: 'kept', leftovers: event.leftovers, goneAt: null } };
    case 'cleanup-failed':
      return { cleanup: { verdict: 'failed', leftovers: event.leftovers, goneAt: null } };
    case 'signed':
      return { evidence: event.evidence };
    default:
      return {};
  }
}

/** The calls by which an instance may come to be. */
const RESTORES: ReadonlySet<string> = new Set([
  'rds:RestoreDBInstanceFromDBSnapshot',
  'rds:RestoreDBInstanceToPointInTime',
  'backup:StartRestoreJob',
]);

function resumed(state: RunState, operator: string): Partial<RunState> {
  // Up to the last critical check; what is measured over a break proves nothing.
  const isMeasuring = state.requestedAt !== null && state.criticalAt === null && state.trouble === null;
  return {
    isTimeBroken: state.isTimeBroken || isMeasuring,
    deviations: [...state.deviations, `resumed in phase ${state.phase} by ${operator}`],
  };
}

function withCheck(state: RunState, result: CheckResult, at: number): Partial<RunState> {
  const checks = merged(state.checks, [result]);
  const known = new Set(checks.map(({ id }) => id));
  const critical = (state.planned ?? []).filter((check) => check.critical);
  const isDone = critical.length > 0 && critical.every(({ id }) => known.has(id));
  return { checks, criticalAt: state.criticalAt ?? (isDone ? at : null) };
}

function cleaned(state: RunState, goneAt: string | null, leftovers: readonly string[]): CleanupOutcome {
  return { verdict: state.mayExist ? 'done' : 'nothing-to-do', leftovers, goneAt };
}

// A later word on the same check replaces the former.
function merged(former: readonly CheckResult[], news: readonly CheckResult[]): CheckResult[] {
  const ids = new Set(news.map(({ id }) => id));
  return [...former.filter(({ id }) => !ids.has(id)), ...news];
}

function outOfOrder(where: string, event: RunEvent): RocError {
  return new RocError('ROC_CHECK_FAILED', `the journal is out of order: ${event.type} in ${where}`, {
    hint: 'Keep the journal for the inquiry, and take what the run left with `roc backup sweep`.',
  });
}
