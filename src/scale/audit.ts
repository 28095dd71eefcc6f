/** The record of what was done to capacity: a line for each action, on the disk before the next step. */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../kernel/make-folder.js';
import type { Written } from './group/facts.js';

export interface AuditEntry {
  readonly at: string;
  readonly group: string;
  readonly action: 'set-desired' | 'scale-in' | 'native' | 'handover';
  /** Written down before it is done, and again with what came of it. */
  readonly outcome: 'begins' | 'done' | 'undone' | 'failed';
  readonly instanceId: string | null;
  readonly before: number;
  readonly after: number;
  readonly reasons: readonly string[];
  /** SHA-256 of what the decision looked at, and of the policy's file. */
  readonly inputsHash: string;
  readonly policyHash: string;
  readonly lease: { readonly holder: string; readonly fence: number } | null;
  /** AWS's own numbers for the calls that changed something. */
  readonly requests: readonly Written[];
  readonly error: string | null;
}

/** The class of a database, which is no capacity of servers. */
export interface ResizeEntry {
  readonly at: string;
  readonly action: 'resize';
  readonly outcome: 'begins' | 'done' | 'failed';
  readonly database: string;
  readonly before: string;
  readonly after: string;
  readonly requestId: string | null;
  readonly error: string | null;
}

export interface Audit {
  append(entry: AuditEntry | ResizeEntry): Promise<void>;
}

/** Appends to a file, made readable to its owner alone; a resolved promise means that it is on the disk. */
export function createAudit(file: string): Audit {
  return {
    async append(entry) {
      await makeFolder(dirname(file), 0o700);
      const handle = await open(file, 'a', 0o600);
      try {
        // One call may write a part; this one writes all of it or fails.
        await handle.appendFile(`${JSON.stringify(entry)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}
