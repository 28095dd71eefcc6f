/** The newest checkpoints that this node knows, on its own disk: what was removed everywhere else is missed at once. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ulid } from 'ulid';
import type { Log } from '../../kernel/log.js';
import { makeFolderSync } from '../../kernel/make-folder.js';
import { type Checkpoint, checkpointSchema } from '../../protocol/audit/checkpoint.js';

export interface OwnCheckpoints {
  newest(tenantId: string): Checkpoint | null;
  /** Keeps it, unless a later one is there. */
  keep(checkpoint: Checkpoint): void;
}

/** Outlives no restart: where there is no folder of this node's own. */
export function rememberCheckpoints(): OwnCheckpoints {
  return keeperOf(new Map(), () => {});
}

/** They are signed, so what the file says need not be believed; only that it is there counts. */
export function openOwnCheckpoints(file: string, log: Log): OwnCheckpoints {
  return keeperOf(readAll(file, log), (all) => {
    const draft = `${file}.${ulid()}`;
    try {
      makeFolderSync(dirname(file), 0o700);
      writeFileSync(draft, JSON.stringify([...all.values()]), { mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      // The database and the blob store have it, too.
      log.warn({ err: error, file }, 'the newest audit checkpoint could not be kept on this disk');
    }
  });
}

function keeperOf(
  known: Map<string, Checkpoint>,
  write: (all: ReadonlyMap<string, Checkpoint>) => void,
): OwnCheckpoints {
  return {
    newest: (tenantId) => known.get(tenantId) ?? null,
    keep: (checkpoint) => {
      if ((known.get(checkpoint.tenant)?.number ?? 0) >= checkpoint.number) return;
      known.set(checkpoint.tenant, checkpoint);
      write(known);
    },
  };
}

function readAll(file: string, log: Log): Map<string, Checkpoint> {
  try {
    const kept = checkpointSchema.array().parse(JSON.parse(readFileSync(file, 'utf8')));
    return new Map(kept.map((checkpoint) => [checkpoint.tenant, checkpoint]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.error({ err: error, file }, 'the audit checkpoints of this node cannot be read: who changed them?');
    return new Map();
  }
}
