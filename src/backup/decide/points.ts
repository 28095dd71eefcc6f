/** Which restore point is meant, and which gaps there are between them. Pure. */
import { RocError } from '../../kernel/errors.js';
import type { RestorePoint } from '../facts.js';

export interface PointFacts {
  readonly points: readonly RestorePoint[];
  readonly window: { readonly from: number; readonly to: number } | null;
  readonly source: string;
  /** KMS key and size of the source, which a point in time inherits. */
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly sizeGb: number | null;
  readonly engineVersion: string | null;
}

/**
 * `latest`, `random`, `pitr:latest`, `pitr:2026-11-22T00:15:00Z`, or the id or ARN of a snapshot or recovery point.
 * @param random of [0, 1)
 * @throws RocError ROC_USAGE, ROC_NOT_FOUND, ROC_CHECK_FAILED (no point to restore)
 */
export function choosePoint(facts: PointFacts, wanted: string, random: () => number): RestorePoint {
  if (wanted.startsWith('pitr:')) return pointInTime(facts, wanted.slice('pitr:'.length));
  const usable = facts.points.filter(({ status }) => status === 'available').sort((a, b) => b.at - a.at);
  if (wanted === 'latest') return usable[0] ?? onlyWindow(facts);
  if (wanted === 'random') return usable[Math.floor(random() * usable.length)] ?? onlyWindow(facts);
  const found = facts.points.find(({ id, arn }) => id === wanted || arn === wanted);
  if (found === undefined)
    throw new RocError('ROC_NOT_FOUND', `${facts.source} has no restore point ${wanted}`, {
      hint: '`roc backup list` shows those there are.',
    });
  if (found.status === 'available') return found;
  throw new RocError('ROC_CHECK_FAILED', `restore point ${wanted} is ${found.status}, not available`, {
    hint: 'Wait until it is made, or choose another from `roc backup list`.',
  });
}

/** The newest usable point before one that has gone; null where none is left. */
export function nextPoint(facts: PointFacts, gone: RestorePoint): RestorePoint | null {
  const usable = facts.points.filter((point) => point.status === 'available' && point.id !== gone.id);
  return usable.filter(({ at }) => at <= gone.at).sort((a, b) => b.at - a.at)[0] ?? null;
}

export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/**
 * Spans between points of the last `span` milliseconds that are longer than `limit`, with the span since the newest.
 * A window of point-in-time restores has no gaps.
 */
export function gapsOf(
  facts: Pick<PointFacts, 'points' | 'window'>,
  now: number,
  span: number,
  limit: number,
): Gap[] {
  const since = now - span;
  const times = facts.points
    .filter(({ status, at }) => status === 'available' && at <= now)
    .map(({ at }) => at)
    .sort((a, b) => a - b);
  const covered = facts.window;
  // Before the first point there may have been no database: the gap counts from the first one on.
  const marks = [...times, now];
  return marks
    .slice(1)
    .map((to, index) => ({ from: Math.max(marks[index] ?? to, since), to }))
    .map(({ from, to }) => outsideWindow(from, to, covered))
    .filter(({ from, to }) => to > since && to - from > limit)
    .map(({ from, to }) => ({ from, to, ms: to - from }));
}

/** The longest span that data written in it could be lost from. */
export function longestGap(
  facts: Pick<PointFacts, 'points' | 'window'>,
  now: number,
  span: number,
): number | null {
  // Points that cannot be used leave no gap, because they cover nothing.
  if (!facts.points.some(({ status }) => status === 'available') && facts.window === null) return null;
  return Math.round(Math.max(0, ...gapsOf(facts, now, span, 0).map(({ ms }) => ms)));
}

function pointInTime(facts: PointFacts, text: string): RestorePoint {
  const { window } = facts;
  if (window === null)
    throw new RocError('ROC_CHECK_FAILED', `${facts.source} has no window of point-in-time restores`, {
      hint: 'Turn automated backups on (BackupRetentionPeriod > 0), or choose a snapshot.',
    });
  const at = text === 'latest' ? window.to : Date.parse(text);
  if (Number.isNaN(at))
    throw new RocError('ROC_USAGE', `"${text}" is no instant`, {
      hint: 'Write pitr:latest or pitr:2026-11-22T00:15:00Z.',
    });
  if (at < window.from || at > window.to)
    throw new RocError('ROC_USAGE', `${new Date(at).toISOString()} is outside the window of restores`, {
      hint: `It reaches from ${new Date(window.from).toISOString()} to ${new Date(window.to).toISOString()}.`,
    });
  return {
    kind: 'pitr',
    // RDS restores to whole seconds.
    id: `pitr:${new Date(Math.floor(at / 1000) * 1000).toISOString()}`,
    arn: null,
    source: facts.source,
    at: Math.floor(at / 1000) * 1000,
    status: 'available',
    encrypted: facts.encrypted,
    kmsKeyId: facts.kmsKeyId,
    sizeGb: facts.sizeGb,
    engineVersion: facts.engineVersion,
    tags: {},
  };
}

function onlyWindow(facts: PointFacts): RestorePoint {
  if (facts.window !== null) return pointInTime(facts, 'latest');
  throw new RocError('ROC_CHECK_FAILED', `${facts.source} has no restore point`, {
    hint: 'Make one with `roc backup run`, and turn automated backups on.',
  });
}

function outsideWindow(from: number, to: number, window: PointFacts['window']): { from: number; to: number } {
  if (window === null || window.to <= from || window.from >= to) return { from, to };
  if (window.from <= from) return { from: Math.min(window.to, to), to };
  return { from, to: window.from };
}
