/** What work costs, however busy the machine is: processor time of processes (Linux), and MariaDB's own counters. */
import { readFileSync } from 'node:fs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** Sums over one stretch of work. */
export interface Cost {
  /** Microseconds of processor time, user and system, by name of the process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** MariaDB's counters by name; empty without one. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface MeterParts {
  readonly pids: Readonly<Record<string, number>>;
  /** URL of an administrator, or null. */
  readonly database: string | null;
}

const COUNTERS = [
  'Questions',
  'Com_commit',
  'Innodb_log_writes',
  'Innodb_os_log_written',
  'Handler_write',
  'Handler_update',
  'Handler_delete',
] as const;

/** Linux counts processor time in hundredths of a second. */
const TICK_US = 10_000;

/** Measures one stretch of work; it must be long against a hundredth of a second. */
export async function costOf(parts: MeterParts, work: () => Promise<unknown>): Promise<Cost> {
  const before = await read(parts);
  await work();
  const after = await read(parts);
  return { cpu: difference(after.cpu, before.cpu), counters: difference(after.counters, before.counters) };
}

async function read({ pids, database }: MeterParts): Promise<Cost> {
  const counters = database === null ? {} : await countersOf(database);
  const cpu = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processorTime(pid)]));
  return { cpu, counters };
}

/** Microseconds, user and system; the name in the second field may hold anything but its closing bracket is the last. */
export function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

async function countersOf(database: string): Promise<Record<string, number>> {
  const connection = await createConnection(database);
  try {
    const [rows] = await connection.query<RowDataPacket[]>('show global status');
    const all = new Map(rows.map(({ Variable_name, Value }) => [String(Variable_name), Number(Value)]));
    return Object.fromEntries(COUNTERS.map((name) => [name, all.get(name) ?? 0]));
  } finally {
    await connection.end();
  }
}

function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]),
  );
}
