/** Commits that reach the disk together: one sync of SQLite's write-ahead log for all that wait, off the event loop. */
import { type FileHandle, open } from 'node:fs/promises';

export interface WalSync {
  /** Resolves once everything that was committed before this call is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * SQLite's own `synchronous = full` syncs at each commit, and blocks the process while it does. Under `normal` it
 * writes the log without a sync; a sync of the same file afterwards has the same effect, and many commits can share it.
 * @param file the log, `DATABASE-wal`
 */
export function createWalSync(file: string): WalSync {
  let handle: Promise<FileHandle> | undefined;
  const flush = shareSync(async () => {
    // It is there once something was committed. Windows flushes only what is open for writing.
    handle ??= open(file, 'r+');
    await (await handle).datasync();
  });
  return {
    flush,
    close: async () => {
      if (handle === undefined) return;
      await flush().catch(() => {});
      await (await handle.catch(() => undefined))?.close();
    },
  };
}

/** Runs a sync for all who ask, one at a time; who asks while one runs is served by the next, which begins after. */
export function shareSync(sync: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        running = sync();
        return running;
      });
    return next;
  };
}
