/** The decision as a running thing: feed it snapshots in order; it allocates next to nothing and remembers everything. */
import type { ScalePolicy } from '../policy.js';
import type { Explanation } from './decision.js';
import { explainRails } from './explain.js';
import { RAILS } from './rails/all.js';
import type { Case, Rail } from './rails/rail.js';
import type { Series, Snapshot } from './snapshot.js';
import { emptyState, type ScaleState } from './state.js';
import { createMaxWindow } from './window.js';

export interface Controller {
  /** The desired capacity. Snapshots come in the order of time; the snapshot is not kept beyond `explain`. */
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

const EPSILON = 1e-9;

/** One policy over time. `decide` is one tick of it, and a simulation is many. */
export function createController(policy: ScalePolicy, options: ControllerOptions = {}): Controller {
  const rails = options.rails ?? RAILS;
  const from = options.state ?? emptyState();
  const window = createMaxWindow(policy.scaleIn.window / 128, from.window);
  const proposals: number[] = [];
  let { takenAt, since, seen, asked, adoptedUntil } = from;
  let actions = [...from.actions];
  let demand: number | null = null;
  let need = 0;
  let windowNeed = 0;
  let about: Case | null = null;

  const take = (series: Series | null, settle: number, now: number, perInstance: number): void => {
    if (series === null) return;
    const settled = now - settle - series.periodMs;
    for (const { at, value } of series.points) {
      if (at <= takenAt || at > settled) continue;
      if (takenAt === 0 || at - takenAt > series.periodMs + policy.timing.maxAge) since = at;
      takenAt = at;
      demand = value / perInstance;
      window.push(at, demand);
    }
  };

  const notice = (desired: number, now: number): void => {
    if (seen >= 0 && desired !== seen) {
      actions.push(desired > seen ? now : -now);
      if (actions.length > 100) actions = actions.slice(-100);
    }
  };

  return {
    tick(snapshot, now) {
      const { group, metrics } = snapshot;
      if (policy.signal.primary === 'cpu') {
        const serving = group.instances.filter((one) => one.state === 'inService').length;
        take(metrics.cpu, policy.timing.settle.ec2, now, 100 / Math.max(1, serving));
      } else {
        const capacity = policy.signal.capacityPerInstance;
        take(metrics.demand, policy.timing.settle.alb, now, capacity === 'auto' ? 1000 : capacity);
      }
      notice(group.desired, now);
      const { targetUtil } = policy.signal;
      need = demand === null ? 0 : Math.ceil(demand / targetUtil - EPSILON);
      windowNeed = Math.ceil(window.max(now - policy.scaleIn.window) / targetUtil - EPSILON);
      about = {
        policy,
        snapshot,
        now,
        current: group.desired,
        utilisation: null,
        emergency: 0,
        doubt: demand === null ? 'missing' : now - takenAt > policy.timing.maxAge ? 'stale' : '',
        since,
        jumpedBack: 0,
        adoptedUntil,
        lastChange: Math.abs(actions.at(-1) ?? 0),
        changes: 0,
      };
      let proposed =
        need > group.desired ? need : windowNeed < group.desired ? Math.max(1, windowNeed) : group.desired;
      proposals.length = 0;
      proposals.push(proposed);
      for (const rail of rails) {
        proposed = rail.apply(proposed, about);
        proposals.push(proposed);
      }
      seen = group.desired;
      asked = proposed;
      return proposed;
    },
    explain: () => explainRails(rails, proposals, about, { demand, need, windowNeed, forecastNeed: null }),
    save: () => ({
      version: 1,
      now: about?.now ?? from.now,
      takenAt,
      since,
      window: window.save(),
      seen,
      asked,
      adoptedUntil,
      actions: [...actions],
    }),
  };
}
