/** Which class and how much storage a database should have, from two weeks of its metrics. Text only; pure. */
import { classMemory, neighbourClass, usualMaxConnections } from './class.js';

/** From where on another size is advised: one literal table. Shares are of the whole, 0 to 1. */
const ADVICE_LIMITS = {
  /** Larger: the mean CPU of so many of the hours was so high. */
  busyCpu: 70,
  busyHours: 0.05,
  /** Larger: connections once came so near to what the class takes. */
  fullConnections: 0.8,
  /** Larger: so little memory was once free. A full cache alone leaves more. */
  noMemory: 0.04,
  /** Larger: credits of a burstable class ran out. */
  noCredits: 1,
  /** Smaller: the CPU never was higher in any hour, so that on half of it there is room. */
  idleCpu: 20,
  /** Smaller: connections never were more than this share of what the smaller class takes. */
  fewConnections: 0.5,
  /** Smaller: so much memory was free all the time, so that half of it is enough. */
  freeMemory: 0.55,
  /** Smaller is advised only after so many hours, of which so many were measured. */
  smallerAfterHours: 7 * 24,
  measured: 0.9,
  /** Larger needs less proof: it costs money, not sleep. */
  largerAfterHours: 6,
  /** More storage: so little is free. */
  littleStorage: 0.2,
  /** RDS grows storage by a tenth at least, and never shrinks it. */
  storageStep: 1.2,
} as const;

/** One value an hour, oldest first; null where nothing was measured. */
export interface DatabaseHistory {
  readonly cpuMean: readonly (number | null)[];
  readonly cpuMax: readonly (number | null)[];
  readonly connectionsMax: readonly (number | null)[];
  /** Bytes. */
  readonly freeMemoryMin: readonly (number | null)[];
  readonly freeStorageMin: readonly (number | null)[];
  /** Empty where the class earns no credits. */
  readonly creditsMin: readonly (number | null)[];
}

export interface DatabaseSize {
  readonly class: string;
  readonly storageGb: number;
  readonly maxStorageGb: number | null;
  /** As its parameter group sets it; null where the class decides. */
  readonly maxConnections: number | null;
}

export interface DatabaseAdvice {
  readonly class: { readonly verdict: 'keep' | 'larger' | 'smaller' | 'unknown'; readonly to: string | null };
  readonly storage: { readonly verdict: 'keep' | 'grow' | 'unknown'; readonly toGb: number | null };
  /** One sentence a reason. */
  readonly why: readonly string[];
  readonly hours: number;
}

export function adviseDatabase(size: DatabaseSize, history: DatabaseHistory): DatabaseAdvice {
  const hours = known(history.cpuMean).length;
  const larger = largerReasons(size, history);
  const storage = storageAdvice(size, history);
  const of = (verdict: DatabaseAdvice['class']['verdict'], to: string | null, why: readonly string[]) => ({
    class: { verdict, to },
    storage: { verdict: storage.verdict, toGb: storage.toGb },
    why: [...why, ...storage.why],
    hours,
  });
  if (hours < ADVICE_LIMITS.largerAfterHours)
    return of('unknown', null, [`only ${hours} hours were measured; the class is not judged`]);
  if (larger.length > 0) {
    const to = neighbourClass(size.class, 1);
    const where =
      to === null ? ['its family has no larger class: look at another family, or at readers'] : [];
    return of('larger', to, [...larger, ...where]);
  }
  const smaller = smallerClass(size, history, hours);
  return smaller === null ? of('keep', null, []) : of('smaller', smaller.to, smaller.why);
}

/** One line for people; null where all may stay as it is. `roc status` and `roc scale plan` print it. */
export function adviceText({ class: own, storage, why }: DatabaseAdvice): string | null {
  const change =
    own.verdict === 'larger' || own.verdict === 'smaller'
      ? `a ${own.verdict} class of the database${own.to === null ? '' : ` (${own.to})`}`
      : storage.verdict === 'grow'
        ? 'more storage for the database'
        : null;
  return change === null ? null : `${change}: ${why.join('; ')}`;
}

function largerReasons(size: DatabaseSize, history: DatabaseHistory): string[] {
  const limits = ADVICE_LIMITS;
  const cpu = known(history.cpuMean);
  const busy = cpu.filter((value) => value >= limits.busyCpu).length;
  const connections = Math.max(0, ...known(history.connectionsMax));
  const most = size.maxConnections ?? usualMaxConnections(size.class);
  const memory = classMemory(size.class);
  const free = least(history.freeMemoryMin);
  const credits = least(history.creditsMin);
  return [
    ...(busy / cpu.length >= limits.busyHours
      ? [`its CPU was at ${limits.busyCpu} % or more in ${busy} of ${cpu.length} hours`]
      : []),
    // Where the parameter group sets the number, a larger class changes nothing.
    ...(size.maxConnections === null && most !== null && connections >= limits.fullConnections * most
      ? [`${connections} of about ${most} connections were taken`]
      : []),
    ...(memory !== null && free !== null && free < limits.noMemory * memory
      ? [`only ${percent(free / memory)} of its memory were free once`]
      : []),
    ...(credits !== null && credits < limits.noCredits ? ['its CPU credits ran out'] : []),
  ];
}

function smallerClass(
  size: DatabaseSize,
  history: DatabaseHistory,
  hours: number,
): { readonly to: string; readonly why: readonly string[] } | null {
  const limits = ADVICE_LIMITS;
  const to = neighbourClass(size.class, -1);
  const isProven = hours >= limits.smallerAfterHours && hours >= limits.measured * history.cpuMean.length;
  const [cpu, connections] = [known(history.cpuMax), known(history.connectionsMax)];
  const memory = classMemory(size.class);
  const free = least(history.freeMemoryMin);
  const most = to === null ? null : (size.maxConnections ?? usualMaxConnections(to));
  if (to === null || !isProven || memory === null || free === null || most === null) return null;
  // What was measured in part proves nothing.
  if (cpu.length < hours || connections.length < hours || known(history.freeMemoryMin).length < hours)
    return null;
  const isIdle =
    Math.max(...cpu) < limits.idleCpu && Math.max(...connections) <= limits.fewConnections * most;
  if (!isIdle || free < limits.freeMemory * memory) return null;
  return {
    to,
    why: [
      `in ${hours} hours its CPU never passed ${Math.max(...cpu).toFixed(0)} %, its connections ${Math.max(...connections)}, and ${percent(free / memory)} of its memory stayed free`,
    ],
  };
}

function storageAdvice(
  { storageGb, maxStorageGb }: DatabaseSize,
  { freeStorageMin }: DatabaseHistory,
): { verdict: 'keep' | 'grow' | 'unknown'; toGb: number | null; why: string[] } {
  const now = known(freeStorageMin).at(-1);
  if (now === undefined) return { verdict: 'unknown', toGb: null, why: [] };
  const share = now / (storageGb * 2 ** 30);
  if (share >= ADVICE_LIMITS.littleStorage) return { verdict: 'keep', toGb: null, why: [] };
  if (maxStorageGb !== null && maxStorageGb >= storageGb * 1.1)
    return { verdict: 'keep', toGb: null, why: [] };
  const toGb = Math.ceil(storageGb * ADVICE_LIMITS.storageStep);
  return {
    verdict: 'grow',
    toGb,
    why: [
      `${percent(share)} of its storage are free and it does not grow by itself: allow growth, or make it ${toGb} GiB`,
    ],
  };
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function least(values: readonly (number | null)[]): number | null {
  const all = known(values);
  return all.length === 0 ? null : Math.min(...all);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
