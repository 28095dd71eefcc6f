/** The decision as a running thing: feed it snapshots in order; it allocates next to nothing and remembers everything. */
import { MINUTE } from '../../kernel/time.js';
import type { ScalePolicy } from '../policy/policy.js';
import { createCalendar } from './calendar.js';
import { createChanges } from './changes.js';
import type { Explanation } from './decision.js';
import { explainTick } from './explain.js';
import { RAILS } from './rails/all.js';
import { highest } from './rails/bounds.js';
import type { Case, Rail } from './rails/rail.js';
import { createReckoner } from './reckon.js';
import { createSignal } from './signal.js';
import type { Snapshot } from './snapshot.js';
import { emptyState, type ScaleState } from './state.js';

export interface Controller {
  /** The desired capacity. Snapshots come in the order of time; none is kept beyond `explain`. */
  tick(snapshot: Snapshot, now: number): number;
  /** Why the last tick said what it said. */
  explain(): Explanation;
  /** What `decide` needs to go on from here. */
  save(): ScaleState;
}

export interface ControllerOptions {
  readonly state?: ScaleState;
  /** Another set of rails than the whole: for proving that each is needed. */
  readonly rails?: readonly Rail[];
}

/** A clock that goes back by less was only set right. */
const JUMP = MINUTE;
/** From launch to service where the policy leaves it open and the group has no history. */
const USUAL_BOOT = 3 * MINUTE;
/** One policy over time. `decide` is one tick of it, and a simulation is many. */
export function createController(policy: ScalePolicy, options: ControllerOptions = {}): Controller {
  const rails = options.rails ?? RAILS;
  const from = options.state ?? emptyState();
  const reckoner = createReckoner(policy, from);
  const signal = createSignal(policy, from.signal);
  const changes = createChanges(from.changes);
  const proposals = new Array<number>(rails.length + 1).fill(0);
  let { now: last, clockUntil } = from;
  let about: Case | null = null;

  function keepTime(now: number): void {
    if (now < last - JUMP) {
      clockUntil = now + policy.scaleIn.cooldown + policy.scaleIn.window;
      reckoner.rebase(now);
      changes.rebase(now);
      signal.restart();
    }
    last = now;
  }

  function regard(snapshot: Snapshot, now: number): Case {
    about ??= { policy, calendar: createCalendar(), ...freshCase(snapshot) };
    about.snapshot = snapshot;
    about.now = now;
    about.current = snapshot.group.desired;
    about.demand = signal.demand();
    about.since = signal.since();
    about.clockUntil = clockUntil;
    about.adoptedUntil = changes.adoptedUntil();
    about.actions = changes.actions();
    return about;
  }

  return {
    tick(snapshot, now) {
      const { desired: current } = snapshot.group;
      keepTime(now);
      const { boot } = policy.timing;
      reckoner.begin(boot === 'auto' ? (snapshot.facts.bootMs ?? USUAL_BOOT) : boot);
      const doubt = signal.read(snapshot, now, reckoner.count);
      changes.notice(current, now, policy.scaleIn.cooldown);
      const asked = regard(snapshot, now);
      asked.doubt = doubt;
      const wanted = reckoner.wanted(asked.demand, signal.takenAt(), now, current);
      let proposed = Math.min(wanted, Math.max(1, highest(asked)));
      proposals[0] = proposed;
      for (let i = 0; i < rails.length; i++) {
        proposed = rails[i]?.apply(proposed, asked) ?? proposed;
        proposals[i + 1] = proposed;
      }
      changes.asked(proposed);
      signal.settle();
      reckoner.settle();
      return proposed;
    },
    explain: () =>
      explainTick({ rails, proposals, about, reckoner, metric: signal.metric(), takenAt: signal.takenAt() }),
    save: () => ({
      version: 1,
      now: last,
      clockUntil,
      signal: signal.save(),
      changes: changes.save(),
      ...reckoner.save(),
    }),
  };
}

function freshCase(snapshot: Snapshot): Omit<Case, 'policy' | 'calendar'> {
  return {
    snapshot,
    now: 0,
    current: 0,
    demand: null,
    doubt: '',
    since: 0,
    clockUntil: 0,
    adoptedUntil: 0,
    actions: [],
  };
}
