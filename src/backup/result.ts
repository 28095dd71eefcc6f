/** What `roc backup verify` says of a run: for machines, and its exit code. Pure. */
import type { VerifyResult } from './answers.js';
import { rtoOf } from './decide/verdict.js';
import type { RunState } from './run/state.js';
import { coverageOf } from './run/steps/sign.js';

export function resultOf(state: RunState): VerifyResult {
  const { at, tags: _tags, ...point } = state.point;
  return {
    run: state.plan.run,
    asset: state.plan.asset.id,
    verdict: state.verdict,
    reasons: state.reasons,
    phase: state.phase,
    point: { ...point, at: new Date(at).toISOString() },
    rto: rtoOf(state),
    rpo: state.rpo,
    checks: state.checks,
    coverage: coverageOf(state.checks),
    deviations: state.deviations,
    cleanup: state.cleanup,
    evidence: state.evidence,
  };
}

/** 0 only for a pass that left nothing behind, or for a run that was sent off; 130 for one that was stopped. */
export function exitCodeOf(state: RunState): number {
  if (state.verdict === null) return 0;
  if (state.trouble?.code === 'ROC_INTERRUPTED') return 130;
  const isClean = state.cleanup?.verdict === 'done' || state.cleanup?.verdict === 'nothing-to-do';
  return state.verdict === 'pass' && isClean ? 0 : 3;
}
