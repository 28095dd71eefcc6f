/** What happened to the desired capacity: our own changes, and those of somebody else. */

export interface ChangesState {
  /** Desired capacity as AWS had it at the last decision, and as that decision wanted it; -1 before the first. */
  readonly seen: number;
  readonly asked: number;
  /** Until then somebody else's change is left standing. */
  readonly adoptedUntil: number;
  /** When capacity changed, epoch milliseconds, negative for a cut; newest last. */
  readonly actions: readonly number[];
}

export const NO_CHANGES: ChangesState = { seen: -1, asked: -1, adoptedUntil: 0, actions: [] };

export interface Changes {
  /** @param cooldown how long a foreign change stands */
  notice(desired: number, now: number, cooldown: number): void;
  asked(desired: number): void;
  adoptedUntil(): number;
  actions(): readonly number[];
  /** The clock was put back: nothing happened in the future. */
  rebase(now: number): void;
  save(): ChangesState;
}

const MOST = 96;

export function createChanges(saved: ChangesState = NO_CHANGES): Changes {
  let { seen, asked, adoptedUntil } = saved;
  let actions = [...saved.actions];
  return {
    notice(desired, now, cooldown) {
      if (seen >= 0 && desired !== seen) {
        actions.push(desired > seen ? now : -now);
        if (actions.length > MOST) actions = actions.slice(-MOST / 2);
        if (desired !== asked) adoptedUntil = now + cooldown;
      }
      seen = desired;
    },
    asked(desired) {
      asked = desired;
    },
    adoptedUntil: () => adoptedUntil,
    actions: () => actions,
    rebase(now) {
      actions = actions.map((at) => Math.sign(at) * Math.min(Math.abs(at), now));
      adoptedUntil = Math.min(adoptedUntil, now);
    },
    save: () => ({ seen, asked, adoptedUntil, actions: actions.slice(-MOST / 2) }),
  };
}
