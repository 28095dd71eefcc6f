/** What every attempt of one agent shares. */
import type { KeyObject } from 'node:crypto';
import type { RunnerEvent } from './events.js';
import type { HostFacts } from './host-facts.js';
import type { Identity } from './identity.js';
import type { Link } from './link.js';
import type { PackageCache } from './package-cache.js';
import type { StateDir } from './state-dir.js';
import type { Timing } from './timing.js';
import type { Watchdog } from './watchdog.js';

export interface JobContext {
  readonly state: StateDir;
  readonly identity: Identity;
  /** Begins the mark of every process that this very agent starts. */
  readonly runMark: string;
  readonly facts: HostFacts;
  readonly link: Link;
  readonly cache: PackageCache;
  /** Keys whose signature every robot needs on this host; none: what the server vouches for. */
  readonly publisherKeys: readonly KeyObject[];
  readonly watchdog: Watchdog;
  readonly timing: Timing;
  /** The runner's own environment, of which little gets into a robot's. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the agent must go now; what is not delivered stays on disk. */
  readonly leaving: AbortSignal;
  readonly emit: (event: RunnerEvent) => void;
  /** Groups of robots that run now, for whoever must end them without waiting. */
  readonly groups: Set<number>;
  /** A robot reported progress: the next heartbeat need not wait its full time. */
  readonly onProgress: () => void;
}
