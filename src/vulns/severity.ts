/** Severity words and numbers of every source, as roc's six. */
import type { Severity } from './model.js';

const RANKS: Readonly<Record<Severity, number>> = {
  unknown: -1,
  info: 0,
  low: 1,
  medium: 2,
  high: 3,
  critical: 4,
};

const WORDS: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['critical', 'critical'],
  ['fatal', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['error', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['warning', 'medium'],
  ['low', 'low'],
  ['minor', 'low'],
  ['note', 'low'],
  ['negligible', 'info'],
  ['info', 'info'],
  ['informational', 'info'],
  ['none', 'info'],
  ['undefined', 'unknown'],
  ['untriaged', 'unknown'],
  ['unknown', 'unknown'],
  ['unassigned', 'unknown'],
  ['other', 'unknown'],
]);

/** OCSF `severity_id`; 6 is Fatal, 0 Unknown, 99 Other. */
const OCSF_IDS: ReadonlyMap<number, Severity> = new Map<number, Severity>([
  [0, 'unknown'],
  [1, 'info'],
  [2, 'low'],
  [3, 'medium'],
  [4, 'high'],
  [5, 'critical'],
  [6, 'critical'],
  [99, 'unknown'],
]);

/** -1 for unknown, 0 info … 4 critical. */
export function severityRank(severity: Severity): number {
  return RANKS[severity];
}

/** Null when the word is none that any source documents. */
export function severityFromWord(word: unknown): Severity | null {
  if (typeof word !== 'string') return null;
  return WORDS.get(word) ?? WORDS.get(word.trim().toLowerCase()) ?? null;
}

export function severityFromOcsf(id: unknown): Severity | null {
  return typeof id === 'number' ? (OCSF_IDS.get(id) ?? null) : null;
}

/** ASFF `Severity.Normalized`, deprecated by AWS but still exported: 0, 1-39, 40-69, 70-89, 90-100. */
export function severityFromNormalized(value: unknown): Severity | null {
  if (typeof value !== 'number' || !(value >= 0 && value <= 100)) return null;
  if (value >= 90) return 'critical';
  if (value >= 70) return 'high';
  if (value >= 40) return 'medium';
  return value >= 1 ? 'low' : 'info';
}

/** GuardDuty's number by its lower bounds (9, 7, 4), because the documented bands leave gaps such as 8.95. */
export function severityFromGuardDuty(value: unknown): Severity | null {
  if (typeof value !== 'number' || !(value >= 0 && value <= 10)) return null;
  if (value >= 9) return 'critical';
  if (value >= 7) return 'high';
  if (value >= 4) return 'medium';
  return value > 0 ? 'low' : 'info';
}

/** CVSS v3.1 and v4.0 qualitative rating (FIRST, section 5). */
export function severityFromCvss(score: unknown): Severity | null {
  if (typeof score !== 'number' || !(score >= 0 && score <= 10)) return null;
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}
