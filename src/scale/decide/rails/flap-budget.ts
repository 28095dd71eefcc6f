/** Capacity may be cut again after a raise only so often in so long: starts and stops cost more than they save. */
import { formatDuration } from '../../../kernel/time.js';
import { type Case, keepWhere, type Rail } from './rail.js';

export const flapBudgetRail: Rail = {
  id: 'flap-budget',
  apply: (proposed, about) =>
    keepWhere(
      proposed < about.current &&
        isTurn(about.actions) &&
        turnsOf(about) >= about.policy.scaleIn.flapBudget.actions,
      proposed,
      about,
    ),
  why(about, before, after) {
    const { actions, per } = about.policy.scaleIn.flapBudget;
    const spent = `cut ${turnsOf(about)} times after a raise in ${formatDuration(per)}, ${actions} are allowed`;
    return before === after ? spent : `${spent}: capacity is kept`;
  },
};

// Cutting on in the same direction is no new turn.
function isTurn(actions: readonly number[]): boolean {
  return (actions.at(-1) ?? 1) > 0;
}

function turnsOf({ actions, now, policy }: Case): number {
  const from = now - policy.scaleIn.flapBudget.per;
  let turns = 0;
  for (let i = 1; i < actions.length; i++) {
    const at = actions[i] ?? 0;
    if (at < 0 && -at > from && (actions[i - 1] ?? 0) > 0) turns++;
  }
  return turns;
}
