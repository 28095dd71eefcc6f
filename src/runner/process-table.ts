/** The processes of this host as far as the runner must know them: who descends from a robot, who carries its mark. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot on Linux; 0 where the host does not say. */
  readonly startTime: number;
  readonly isZombie: boolean;
}

/** All processes; on Linux from /proc, elsewhere as `ps` tells. Windows has none of it: an empty list. */
export function listProcesses(platform: NodeJS.Platform = process.platform): ProcessInfo[] {
  if (platform === 'linux') return listFromProc();
  return platform === 'win32' ? [] : listFromPs();
}

/** Whether the environment that a process was started with holds this `NAME=value`; false where it cannot be read. */
export function hasEnvironment(pid: number, matches: (entry: string) => boolean): boolean {
  return readProc(pid, 'environ').split('\0').some(matches);
}

/** Tells two processes of one number apart: boot and start time; null where the host does not say. */
export function processStartMark(pid: number): string | null {
  const fields = statFields(readProc(pid, 'stat'));
  const started = fields?.[START_TIME];
  return started === undefined ? null : `${bootId()}:${started}`;
}

// Positions in /proc/PID/stat behind the command name (proc(5)): state, ppid, pgrp, session, …, starttime.
const START_TIME = 19;

function listFromProc(): ProcessInfo[] {
  const processes: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statFields(readProc(Number(name), 'stat'));
    if (fields === null) continue;
    const [state, parent, group, session] = fields;
    processes.push({
      pid: Number(name),
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      startTime: Number(fields[START_TIME]),
      isZombie: state === 'Z' || state === 'X',
    });
  }
  return processes;
}

// The command name stands in parentheses and may itself hold spaces and parentheses: the last one ends it.
function statFields(stat: string): string[] | null {
  const end = stat.lastIndexOf(')');
  return end < 0
    ? null
    : stat
        .slice(end + 2)
        .trim()
        .split(' ');
}

function listFromPs(): ProcessInfo[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,sess=,stat='], {
    encoding: 'utf8',
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, session, state] = line.trim().split(/\s+/);
    if (state === undefined) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(session),
        startTime: 0,
        isZombie: state.startsWith('Z'),
      },
    ];
  });
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

// Gone between the listing and the reading, or another user's: nothing to read.
function readProc(pid: number, file: 'stat' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
