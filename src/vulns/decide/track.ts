/** What a run makes of a problem known from earlier runs: new, open, fixed, regressed. A literal table. */
import type { State } from '../model.js';

export type Memory = 'none' | 'open' | 'fixed';
/** `silent`: not in this run although the run covered it; `unasked`: not in this run, nor was it covered. */
export type Sighting = 'active' | 'closed' | 'silent' | 'unasked';

export interface Transition {
  /** How this run lists it; null: it does not. */
  readonly listed: State | null;
  readonly memory: Memory;
  /** Its days begin to run anew. */
  readonly restarts: boolean;
}

export const TRANSITIONS: Readonly<Record<Memory, Readonly<Record<Sighting, Transition>>>> = {
  none: {
    active: { listed: 'new', memory: 'open', restarts: false },
    closed: { listed: null, memory: 'none', restarts: false },
    silent: { listed: null, memory: 'none', restarts: false },
    unasked: { listed: null, memory: 'none', restarts: false },
  },
  open: {
    active: { listed: 'open', memory: 'open', restarts: false },
    closed: { listed: 'fixed', memory: 'fixed', restarts: false },
    silent: { listed: 'fixed', memory: 'fixed', restarts: false },
    unasked: { listed: null, memory: 'open', restarts: false },
  },
  fixed: {
    active: { listed: 'regressed', memory: 'open', restarts: true },
    closed: { listed: null, memory: 'fixed', restarts: false },
    silent: { listed: null, memory: 'fixed', restarts: false },
    unasked: { listed: null, memory: 'fixed', restarts: false },
  },
};
