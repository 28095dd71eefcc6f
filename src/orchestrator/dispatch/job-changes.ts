/** Tells the event streams of this node that a job has changed, so that they need not wait for their next look. */
import { createGate, type Gate } from './gate.js';

export interface JobWatch {
  /** Resolves at a change since the last call, when the time is over, or when the signal aborts. */
  next: Gate['wait'];
  close(): void;
}

export interface JobChanges {
  /** A state or a log line of this job has been written. */
  tell(jobId: string): void;
  watch(jobId: string): JobWatch;
}

export function createJobChanges(): JobChanges {
  const watched = new Map<string, Set<Gate>>();
  return {
    tell: (jobId) => {
      for (const gate of watched.get(jobId) ?? []) gate.open();
    },
    watch: (jobId) => {
      const gate = createGate();
      const gates = watched.get(jobId) ?? new Set();
      watched.set(jobId, gates.add(gate));
      return {
        next: gate.wait,
        close: () => {
          gates.delete(gate);
          if (gates.size === 0 && watched.get(jobId) === gates) watched.delete(jobId);
        },
      };
    },
  };
}
