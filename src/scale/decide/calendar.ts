/** Whether now lies in a window of the week or between two dates, in the window's own time zone. */
import { MINUTE } from '../../kernel/time.js';
import type { DateWindow, FreezeWindow, Weekday, WeekWindow } from '../policy/policy.js';

export interface Calendar {
  /** The first window that is open, or null. */
  open<W extends FreezeWindow>(windows: readonly W[], now: number): W | null;
}

interface Local {
  readonly weekday: Weekday;
  /** Minutes since midnight. */
  readonly minutes: number;
}

const DAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Remembers the local time of the last minute asked for, since working it out is slow. */
export function createCalendar(): Calendar {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const known = new Map<string, { readonly minute: number; readonly local: Local }>();

  function local(timezone: string, now: number): Local {
    const minute = Math.floor(now / MINUTE);
    const last = known.get(timezone);
    if (last?.minute === minute) return last.local;
    const format = formats.get(timezone) ?? formatOf(timezone);
    formats.set(timezone, format);
    const found = readLocal(format, now);
    known.set(timezone, { minute, local: found });
    return found;
  }

  return {
    open(windows, now) {
      for (const window of windows)
        if (
          isDates(window) ? now >= window.from && now < window.to : isIn(window, local(window.timezone, now))
        )
          return window;
      return null;
    },
  };
}

function isDates(window: FreezeWindow): window is DateWindow {
  return typeof window.from === 'number';
}

// A window that reaches past midnight belongs to the day on which it began.
function isIn({ days, from, to }: WeekWindow, { weekday, minutes }: Local): boolean {
  const start = minutesOf(from);
  const end = minutesOf(to);
  if (start < end) return days.includes(weekday) && minutes >= start && minutes < end;
  const yesterday = DAYS[(DAYS.indexOf(weekday) + 6) % 7] ?? weekday;
  return (days.includes(weekday) && minutes >= start) || (days.includes(yesterday) && minutes < end);
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

function readLocal(format: Intl.DateTimeFormat, now: number): Local {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(now)) parts[type] = value;
  const weekday = DAYS.find((day) => day === parts['weekday']?.toLowerCase()) ?? 'sun';
  return { weekday, minutes: Number(parts['hour']) * 60 + Number(parts['minute']) };
}
