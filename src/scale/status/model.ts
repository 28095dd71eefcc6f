/** The nouns of `roc status`: what it says of each part of the installation. */

import type { DatabaseAdvice } from '../database/advice.js';

/** `unknown` is neither good nor bad: it could not be read, or is too old to be believed. */
export type Verdict = 'ok' | 'warn' | 'bad' | 'unknown';

export type Unit = 'percent' | 'seconds' | 'bytes' | 'count' | 'perMinute' | 'credits';

export interface StatusMetric {
  readonly name: string;
  readonly value: number | null;
  readonly unit: Unit;
  /** Since the end of the measured bucket, or 0 for what was asked just now; null where nothing is known. */
  readonly ageSeconds: number | null;
  readonly verdict: Verdict;
  /** What the value is held against: the most connections, the storage that was bought. */
  readonly of: number | null;
  /** The last hour, oldest first; null where nothing was measured. */
  readonly trend: readonly (number | null)[];
}

export interface Reason {
  readonly verdict: Verdict;
  readonly text: string;
}

export interface Component {
  readonly id: 'balancer' | 'servers' | 'service' | 'database' | 'orchestrator' | 'alarms';
  readonly verdict: Verdict;
  /** What it is, in a few words: its name and state. */
  readonly about: string;
  /** What is not as it should be, and what is worth knowing. */
  readonly reasons: readonly Reason[];
  readonly metrics: readonly StatusMetric[];
  /** Instances and alarms, one by one. */
  readonly parts: readonly Part[];
}

export interface Part {
  readonly id: string;
  readonly verdict: Verdict;
  readonly about: string;
  readonly metrics: readonly StatusMetric[];
}

export interface Status {
  readonly verdict: Verdict;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Null where only an orchestrator was looked at. */
  readonly region: string | null;
  readonly components: readonly Component[];
  /** What to think about; nothing acts on it. Null without a database, or where its history could not be read. */
  readonly advice: { readonly database: DatabaseAdvice | null };
}

const RANK: Readonly<Record<Verdict, number>> = { ok: 0, warn: 1, unknown: 2, bad: 3 };

/** What is known to be bad comes before what is not known. `ok` for nothing at all. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((most, next) => (RANK[next] > RANK[most] ? next : most), 'ok');
}

/** A warning may wait; what is bad, or cannot be known, may not. */
export function isWell({ verdict }: Status): boolean {
  return verdict === 'ok' || verdict === 'warn';
}
