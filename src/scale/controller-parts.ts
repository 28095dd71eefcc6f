/** What a controller is made of: the fleet, its lease, its record, and where it reads; built once at the edge. */
import type { Log } from '../kernel/log.js';
import type { Clock } from '../kernel/time.js';
import type { Audit } from './audit.js';
import type { GatherParts } from './gather.js';
import type { Place } from './group/conflicts.js';
import type { Nodes } from './group/nodes.js';
import type { Lease } from './lease/lease.js';
import type { LoadedScalePolicy } from './policy/load.js';

export interface ControllerParts extends GatherParts {
  readonly loaded: LoadedScalePolicy;
  readonly place: Place;
  readonly lease: Lease;
  readonly audit: Audit;
  /** Null where nobody is signed in to a server: then nothing is scaled in that would have to be drained. */
  readonly nodes: Nodes | null;
  /** The instance this process runs on; null where it is none of the group's. */
  readonly self: string | null;
  readonly now: Clock;
  readonly log: Log;
}
