/** A tick in words: what demand asked for, what each rail made of it, how good the data was. */
import { formatDuration } from '../../kernel/time.js';
import { dataNotes } from './data-notes.js';
import type { Explanation, RailNote } from './decision.js';
import type { Case, Rail } from './rails/rail.js';
import type { Reckoner } from './reckon.js';
import type { MetricName } from './snapshot.js';

interface Tick {
  readonly rails: readonly Rail[];
  /** What was proposed at first, and after each rail. */
  readonly proposals: readonly number[];
  readonly about: Case | null;
  readonly reckoner: Reckoner;
  readonly metric: MetricName;
  readonly takenAt: number;
}

export function explainTick(tick: Tick): Explanation {
  const { about, reckoner } = tick;
  const { needs } = reckoner;
  if (about === null)
    return {
      reasons: [],
      rails: [],
      data: [],
      figures: { demand: null, need: null, windowNeed: null, forecastNeed: null },
    };
  const rails = railNotes(tick, about);
  const isKnown = about.demand !== null;
  return {
    reasons: [
      ...demandReasons(tick, about),
      ...rails.filter(({ applied }) => applied).map(({ id, why }) => `${id}: ${why}`),
      outcome(about.current, tick.proposals.at(-1) ?? about.current),
    ],
    rails,
    data: dataNotes(about, tick.metric, tick.takenAt),
    figures: {
      demand: about.demand,
      need: isKnown ? needs.need : null,
      windowNeed: isKnown ? needs.windowNeed : null,
      forecastNeed: needs.forecastNeed,
    },
  };
}

function railNotes({ rails, proposals }: Tick, about: Case): RailNote[] {
  return rails.map((rail, index) => {
    const before = proposals[index] ?? about.current;
    const after = proposals[index + 1] ?? about.current;
    return { id: rail.id, applied: before !== after, why: rail.why(about, before, after) };
  });
}

function demandReasons({ reckoner }: Tick, { demand, policy }: Case): string[] {
  const { needs, learner } = reckoner;
  const way = reckoner.way();
  if (demand === null) return ['demand is not known: capacity is kept'];
  const span = reckoner.spans[way.window] ?? policy.scaleIn.window;
  const reasons = [
    `demand fills ${demand.toFixed(2)} instances: ${needs.need} at ${percent(way.target)}`,
    `the last ${formatDuration(span)} needed up to ${needs.windowNeed}`,
  ];
  if (needs.hourNeed !== null)
    reasons.push(`the coming minutes of the hour needed up to ${needs.hourNeed} in the last hours`);
  if (needs.forecastNeed !== null) reasons.push(`forecast (${policy.forecast.mode}): ${needs.forecastNeed}`);
  if (learner !== null && learner.saved() > 0)
    reasons.push(
      `learned: ${percent(way.target)} over ${formatDuration(span)} would have cost ${Math.round(learner.saved() / 60)} instance-hours less on the past than ${percent(policy.signal.targetUtil)} over ${formatDuration(policy.scaleIn.window)}`,
    );
  return reasons;
}

function outcome(current: number, desired: number): string {
  return current === desired ? `${current} stay` : `${current} become ${desired}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
