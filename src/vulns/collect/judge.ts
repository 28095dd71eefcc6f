/** One finding through all judgements: decision, suppression, owner, gates. Built once a thread from plain settings. */
import { DAY } from '../../kernel/time.js';
import { type DecideContext, decide } from '../decide/decide.js';
import type { ExposureRule, Facts } from '../decide/facts.js';
import { compileGate, type GateTest } from '../decide/gates.js';
import { compileMatch, fillOwner, type Matcher } from '../decide/match.js';
import { judgeSuppression, type SuppressRule, type SuppressVerdict } from '../decide/suppress.js';
import { toFinding } from '../finding.js';
import { ACTIONABLE, type Finding, type Merged, type State } from '../model.js';
import type { Settings } from './settings.js';
import { compileSuppressions } from './suppressions.js';
import type { DueBucket } from './totals.js';

export interface Judge {
  /** @param since when its days began to run */
  judge(merged: Merged, state: State, since: number): Finding;
  /** @param due the finding's date, epoch milliseconds */
  bucket(finding: Finding, due: number | null): DueBucket;
  readonly gates: readonly GateTest[];
  /** How often each suppression applied. */
  readonly hits: number[];
}

export function createJudge(
  settings: Settings,
  context: Pick<DecideContext, 'feeds' | 'evidence' | 'table'>,
): Judge {
  const { policy, now } = settings;
  const rules: readonly SuppressRule[] = compileSuppressions(settings);
  const hits = rules.map(() => 0);
  const owners = ownerRules(settings);
  const decideContext: DecideContext = {
    ...context,
    exposureRules: exposureRules(settings),
    unknownExposureAs: policy.thresholds.unknownExposureAs,
    sla: policy.sla,
    epssFloor: policy.thresholds.epssFloor,
    percentileFloor: policy.thresholds.percentileFloor,
    mission: missionOf(settings),
    now,
  };

  function judge(merged: Merged, state: State, since: number): Finding {
    const decided = decide(merged, since, decideContext);
    const verdict = state === 'fixed' ? null : setAside(merged, decided.facts, since);
    if (verdict?.rule != null) hits[verdict.rule] = (hits[verdict.rule] ?? 0) + 1;
    const outcome = verdict?.outcome;
    return toFinding({
      merged,
      decided,
      state:
        outcome === 'suppressed'
          ? 'suppressed'
          : outcome === 'expired' && ACTIONABLE.has(state)
            ? 'expired'
            : state,
      owner: ownerOf(merged),
      suppression:
        outcome === 'suppressed' || outcome === 'expired' ? (verdict?.mark ?? undefined) : undefined,
      notes: notesOf(merged, verdict?.reason ?? null, now),
    });
  }

  function setAside(merged: Merged, { inKev, exposed }: Facts, since: number): SuppressVerdict {
    const { honourSourceSuppression, maxSuppressDays } = policy.limits;
    return judgeSuppression(merged, rules, {
      inKev: inKev.value === 'yes',
      exposed: exposed.value === 'yes',
      now,
      // A source that tells no time is as old as the memory of it.
      knownSince: merged.firstSeen ?? (settings.hasStore ? since : undefined),
      honourSourceMs: honourSourceSuppression ? maxSuppressDays * DAY : null,
    });
  }

  function ownerOf(merged: Merged): string | null {
    for (const { fits, owner } of owners) {
      const name = fits(merged) ? fillOwner(owner, merged) : null;
      if (name !== null) return name;
    }
    return null;
  }

  return {
    judge,
    bucket: (finding, due) => bucketOf(finding, due, now),
    gates: settings.gates.map(compileGate),
    hits,
  };
}

const UNUSED_AFTER_DAYS = 30;

function notesOf(merged: Merged, suppression: string | null, now: number): string[] {
  const notes: string[] = [];
  const { inUseCount, lastInUseAt } = merged.resource;
  if (inUseCount === 0 && lastInUseAt !== undefined && now - lastInUseAt > UNUSED_AFTER_DAYS * DAY)
    notes.push(`the image has not been in use for ${Math.floor((now - lastInUseAt) / DAY)} days`);
  if (suppression !== null) notes.push(suppression);
  return notes;
}

function exposureRules({ policy, assets }: Settings): ExposureRule[] {
  const fromAssets = assets.flatMap((asset) =>
    asset.exposure === undefined
      ? []
      : [
          {
            fits: compileMatch(asset.match),
            state: asset.exposure,
            why: `${asset.exposure} by the assets file`,
          },
        ],
  );
  const fromPolicy = policy.exposure.map((rule) => ({
    fits: compileMatch(rule.match),
    state: rule.state,
    why: `${rule.state} by a rule of the policy`,
  }));
  return [...fromAssets, ...fromPolicy];
}

function ownerRules({ policy, assets }: Settings): { fits: Matcher; owner: string }[] {
  const fromAssets = assets.flatMap((asset) =>
    asset.owner === undefined ? [] : [{ fits: compileMatch(asset.match), owner: asset.owner }],
  );
  return [...fromAssets, ...policy.owners.map(({ match, owner }) => ({ fits: compileMatch(match), owner }))];
}

function missionOf({ policy, assets }: Settings): DecideContext['mission'] {
  const rules = assets.flatMap((asset) =>
    asset.mission === undefined ? [] : [{ fits: compileMatch(asset.match), mission: asset.mission }],
  );
  return (finding) => rules.find(({ fits }) => fits(finding))?.mission ?? policy.thresholds.mission;
}

function bucketOf({ decision }: Finding, due: number | null, now: number): DueBucket {
  if (due === null) return 'none';
  if (decision.overdue) return 'overdue';
  const days = (due - now) / DAY;
  if (days <= 3) return 'within3d';
  if (days <= 14) return 'within14d';
  return days <= 60 ? 'within60d' : 'later';
}
