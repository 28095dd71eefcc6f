/** Why a job waits: reasons as codes for machines, each with what a person can do about it. */
import { isoTime } from '../../kernel/time.js';
import type { JobState } from '../../protocol/job-states.js';
import { platformsOf } from './lanes.js';

export interface RunnerFacts {
  readonly os: string;
  readonly isOnline: boolean;
  readonly isDraining: boolean;
  readonly slots: number;
  readonly busy: number;
}

export interface WhyFacts {
  readonly state: JobState;
  readonly pool: string;
  readonly lane: string;
  readonly runAt: number;
  readonly attempt: number;
  readonly error: string | null;
  /** Of the job's pool. */
  readonly runners: readonly RunnerFacts[];
  /** Jobs that the pool takes first. */
  readonly ahead: number;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export interface Why {
  readonly waiting: boolean;
  readonly reasons: Reason[];
  readonly eligibleRunners: number;
}

const WAITING: ReadonlySet<JobState> = new Set<JobState>(['scheduled', 'queued', 'held']);

export function explain(facts: WhyFacts): Why {
  const eligible = facts.runners.filter((runner) => isEligible(facts, runner));
  return {
    waiting: WAITING.has(facts.state),
    reasons: reasonsOf(facts, eligible),
    eligibleRunners: eligible.length,
  };
}

function reasonsOf(facts: WhyFacts, eligible: readonly RunnerFacts[]): Reason[] {
  if (facts.state === 'held') return [held(facts)];
  const later = facts.state === 'scheduled' ? [scheduled(facts)] : [];
  return WAITING.has(facts.state) ? [...later, ...runnerReasons(facts, eligible)] : [];
}

function isEligible({ lane }: WhyFacts, { os, isOnline, isDraining }: RunnerFacts): boolean {
  return isOnline && !isDraining && platformsOf(lane).includes(os);
}

function held({ error }: WhyFacts): Reason {
  return {
    code: 'held',
    message: error ?? 'it waits for a person',
    fix: 'See what it did before it stopped; then `roc jobs retry JOB` to run it again, or `roc jobs cancel JOB`.',
  };
}

function scheduled({ runAt, attempt }: WhyFacts): Reason {
  const at = isoTime(runAt);
  return attempt === 0
    ? {
        code: 'scheduled_for_later',
        message: `it is due at ${at}`,
        fix: 'Wait, or start a new job without a time.',
      }
    : { code: 'backing_off', message: `attempt ${attempt + 1} is due at ${at}`, fix: 'Wait, or cancel it.' };
}

// From the widest cause to the narrowest: the first that holds is the one to mend.
function runnerReasons(facts: WhyFacts, eligible: readonly RunnerFacts[]): Reason[] {
  const { pool, runners } = facts;
  const needed = platformsOf(facts.lane).join(' or ');
  if (runners.length === 0) {
    return [
      reason(
        'no_runner',
        `pool ${pool} has no runner`,
        `Register one: \`roc runners token --pool ${pool}\`, then \`roc runner register\` on its host.`,
      ),
    ];
  }
  const online = runners.filter(({ isOnline }) => isOnline);
  if (online.length === 0) {
    return [
      reason(
        'no_runner_online',
        `none of the ${runners.length} runners of pool ${pool} is online`,
        'Start one on its host: `roc runner start`.',
      ),
    ];
  }
  const fitting = online.filter(({ os }) => platformsOf(facts.lane).includes(os));
  if (fitting.length === 0) {
    return [
      reason(
        'no_platform_match',
        `no online runner of pool ${pool} runs ${needed}`,
        `Start a runner on ${needed}, or widen platforms in robot.yaml.`,
      ),
    ];
  }
  if (eligible.length === 0) {
    return [
      reason(
        'all_draining',
        `all fitting runners of pool ${pool} are draining`,
        'Start another runner, or start a drained one again.',
      ),
    ];
  }
  if (eligible.every(({ busy, slots }) => busy >= slots)) {
    return [
      reason(
        'all_busy',
        `${allBusy(eligible.length)}, ${facts.ahead === 1 ? '1 job goes' : `${facts.ahead} jobs go`} first`,
        'Wait, add runners, or give them more --slots.',
      ),
    ];
  }
  if (facts.state !== 'queued') return [];
  return [
    reason(
      'about_to_start',
      `a runner is free, ${facts.ahead} jobs go first`,
      'Wait a moment; if it stays so, look at the log of the runner.',
    ),
  ];
}

function reason(code: string, message: string, fix: string): Reason {
  return { code, message, fix };
}

function allBusy(count: number): string {
  return count === 1 ? 'the one fitting runner is at work' : `all ${count} fitting runners are at work`;
}
