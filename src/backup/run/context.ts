/** What the steps of a run are given, and waiting. */
import type { Log } from '../../kernel/log.js';
import type { Clock } from '../../kernel/time.js';
import type { DataChecks, FindManifest } from '../check-input.js';
import type { Cloud } from '../cloud.js';
import type { WriteEvidence } from '../evidence-input.js';
import type { RestorePoint } from '../facts.js';
import type { RdsAsset } from '../model.js';
import type { CreateConnector, Way } from '../ports.js';
import type { Journal } from './journal.js';

/** Parts of the room that a run uses through ports. */
export interface RunPorts {
  /** A way to the endpoint that RDS names. */
  openWay(asset: RdsAsset, host: string, port: number, signal: AbortSignal): Promise<Way>;
  /** Proves who answers, up to where signing in would begin. */
  proveIdentity(way: Way, ca: string): Promise<{ subject: string; protocol: string }>;
  readonly createConnector: CreateConnector;
  readonly checks: DataChecks;
  readonly findManifest: FindManifest;
  readonly writeEvidence: WriteEvidence;
  /** Copies journal and evidence to where they are kept. */
  publish(journal: Journal): Promise<void>;
}

export interface RunContext {
  readonly cloud: Cloud;
  readonly journal: Journal;
  readonly ports: RunPorts;
  /** PEM text of the authorities of RDS. */
  readonly ca: string;
  /** Databases that are never to be deleted. */
  readonly sources: readonly string[];
  /** Steady while the process lives; epoch milliseconds. */
  readonly now: Clock;
  /** What the host says the time is, where that may jump; to notice a sleep. */
  readonly wallClock: Clock;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Of [0, 1), and fit for passwords. */
  random(): number;
  randomBytes(length: number): Buffer;
  /** First wait between two looks, milliseconds. */
  readonly poll: number;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Points of the source now, for when one has gone. */
  points(): Promise<readonly RestorePoint[]>;
  readonly log: Log;
  onProgress(text: string): void;
}

/** Waits of 1, 1.5, 2.25 … up to 4 times the first, each a fifth shorter or longer at random. */
export function createPauses(
  context: Pick<RunContext, 'poll' | 'random' | 'sleep'>,
): (signal: AbortSignal) => Promise<void> {
  let wait = context.poll;
  return async (signal) => {
    await context.sleep(wait * (0.8 + 0.4 * context.random()), signal);
    wait = Math.min(wait * 1.5, context.poll * 4);
  };
}
