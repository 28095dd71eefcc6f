/** Two workers of a system are lost in the same moment, one for ever, one for a while; a third is there. What becomes of it. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../../helpers/program.js';
import { until } from '../../helpers/until.js';

/** A job queue under its own settings, whose jobs write into the ledger. */
export interface System {
  readonly ledger: string;
  startWorker(name: string, slots: number): Promise<Program>;
  add(job: string): Promise<unknown>;
  /** Signals a worker and whatever it runs. */
  signal(worker: Program, signal: NodeJS.Signals): void;
}

export interface Outcome {
  /** Seconds until the job of the dead worker began again; null where it did not. */
  readonly recovered: number | null;
  /** Of both jobs, those that two workers worked on to their end. */
  readonly duplicates: number;
}

const DEAD = 'dead';
const FROZEN = 'frozen';
/** Longer than the lease of roc and the lock of BullMQ; the rest of a job, and what it takes to give it up, comes after. */
const FROZEN_MS = 80_000;
const AFTER_MS = 35_000;

export async function loseWorkers(system: System): Promise<Outcome> {
  const [dead, frozen] = [await begun(system, DEAD), await begun(system, FROZEN)];
  const last = await system.startWorker('last', 4);
  const from = Date.now();
  system.signal(dead, 'SIGKILL');
  system.signal(frozen, 'SIGSTOP');
  await sleep(FROZEN_MS);
  system.signal(frozen, 'SIGCONT');
  await sleep(AFTER_MS);
  const lines = read(system.ledger);
  await Promise.all([dead, frozen, last].map((worker) => worker.stop('SIGKILL')));
  const again = lines.find(({ job, phase, at }) => job === DEAD && phase === 'begin' && at > from);
  const ends = (name: string) => lines.filter(({ job, phase }) => job === name && phase === 'end').length;
  return {
    recovered: again === undefined ? null : (again.at - from) / 1000,
    duplicates: [DEAD, FROZEN].filter((name) => ends(name) > 1).length,
  };
}

/** A worker of its own that has begun this job. */
async function begun(system: System, job: string): Promise<Program> {
  const worker = await system.startWorker(job, 1);
  await system.add(job);
  await until(`job ${job} to begin`, () => read(system.ledger).some((line) => line.job === job), {
    timeoutMs: 60_000,
  });
  return worker;
}

interface Line {
  readonly job: string;
  readonly phase: 'begin' | 'end';
  /** Epoch milliseconds. */
  readonly at: number;
}

function read(ledger: string): Line[] {
  if (!existsSync(ledger)) return [];
  const lines = readFileSync(ledger, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}
