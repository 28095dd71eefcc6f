/** Whether the class of a database may be changed now: every refusal says what to do about it. Pure. */
import { DAY, formatDuration, HOUR } from '../../kernel/time.js';
import type { DatabaseFacts } from '../status/facts.js';
import { classMemory } from './class.js';

/** A stretch of each day in UTC, minutes after midnight; `to` before `from` goes into the next day. */
export interface DailyWindow {
  readonly from: number;
  readonly to: number;
}

export interface ClassChange {
  readonly to: string;
  readonly window: DailyWindow;
  /** Newest manual or automated snapshot; null where there is none. */
  readonly snapshotAt: number | null;
  readonly now: number;
}

export interface ChangeDecision {
  readonly isAllowed: boolean;
  readonly refusals: readonly string[];
  /** What will happen while it changes. */
  readonly effects: readonly string[];
}

/** A point in time to restore to must be so fresh. */
const RESTORABLE_WITHIN = HOUR;
const SNAPSHOT_WITHIN = DAY;
/** After a failover there may be another. */
const CALM_AFTER_FAILOVER = HOUR;

export function decideClassChange(db: DatabaseFacts, change: ClassChange): ChangeDecision {
  const refusals = [
    ...targetRefusals(db, change),
    ...stateRefusals(db, change),
    ...backupRefusals(db, change),
  ];
  if (!isWithin(change.window, change.now))
    refusals.push(`it is not within the window ${windowText(change.window)} UTC`);
  return {
    isAllowed: refusals.length === 0,
    refusals,
    effects: [
      `RDS changes the standby to ${change.to} first and then fails over: connections break for one to two minutes`,
      'clients must connect anew; robots that run keep running and deliver their results afterwards',
    ],
  };
}

function targetRefusals(db: DatabaseFacts, { to }: ClassChange): string[] {
  if (to === db.class) return [`it is ${to} already`];
  if (!/^db\.[a-z0-9]+\.[a-z0-9]+$/.test(to)) return [`${to} is no class; write one such as db.m5.xlarge`];
  const [now, next] = [classMemory(db.class), classMemory(to)];
  if (next === null) return [`${to} is not known to roc; change it in the AWS console`];
  // A jump of more than a factor of four is a typing error more often than a plan.
  if (now !== null && (next > 4 * now || 4 * next < now))
    return [
      `${to} has ${next / 2 ** 30} GiB of memory and ${db.class} ${now / 2 ** 30}: go in smaller steps`,
    ];
  return [];
}

function stateRefusals(db: DatabaseFacts, { now }: ClassChange): string[] {
  const [last] = db.failovers;
  const isRestless = last !== undefined && (!last.isEnd || now - last.at < CALM_AFTER_FAILOVER);
  return [
    ...(db.status === 'available' ? [] : [`it is ${db.status}: wait until it is available`]),
    ...(db.multiAz
      ? []
      : ['it is in one zone alone and would be away for many minutes: make it Multi-AZ first']),
    ...(db.replicaOf === null ? [] : [`it is a replica of ${db.replicaOf}: change its source first`]),
    // "Apply immediately" applies everything that waits.
    ...(db.pending.length === 0
      ? []
      : [`other changes wait and would come with it: ${db.pending.join(', ')}`]),
    ...(isRestless ? ['it failed over within the last hour: find out why first'] : []),
  ];
}

function backupRefusals({ latestRestorableAt }: DatabaseFacts, { snapshotAt, now }: ClassChange): string[] {
  const isRestorable = latestRestorableAt !== null && now - latestRestorableAt <= RESTORABLE_WITHIN;
  const hasSnapshot = snapshotAt !== null && now - snapshotAt <= SNAPSHOT_WITHIN;
  return [
    ...(isRestorable
      ? []
      : [
          latestRestorableAt === null
            ? 'it has no point in time to restore to: switch automated backups on'
            : `its newest point to restore to is ${formatDuration(now - latestRestorableAt)} old: look at its backups`,
        ]),
    ...(hasSnapshot ? [] : ['it has no snapshot of the last day: take one (`roc backup run` does)']),
  ];
}

export function isWithin({ from, to }: DailyWindow, now: number): boolean {
  const minute = Math.floor(now / 60_000) % 1440;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Reads `02:00-04:00`; null where the text is none. */
export function parseDailyWindow(text: string): DailyWindow | null {
  const [, fromHour, fromMinute, toHour, toMinute] =
    /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (fromHour === undefined) return null;
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = Number(toHour) * 60 + Number(toMinute);
  return from === to ? null : { from, to };
}

function windowText({ from, to }: DailyWindow): string {
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${clock(from)}-${clock(to)}`;
}
