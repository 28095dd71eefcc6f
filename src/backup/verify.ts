/** `roc backup verify` and `resume`: begins or opens a journal, takes its lock, and drives the run to its end. */
import { RocError } from '../kernel/errors.js';
import { verifyMysqlServer } from '../kernel/mysql-identity.js';
import { MINUTE } from '../kernel/time.js';
import { gatherPoints } from './points.js';
import type { CreateConnector } from './ports.js';
import { type Prepared, type PrepareOptions, prepare, requireAffordable } from './prepare.js';
import { authoritiesOf, lockPlace, protectedSources, type Room, realWorld } from './room.js';
import type { RunContext, RunPorts } from './run/context.js';
import { drive } from './run/drive.js';
import { isPassing } from './run/faults.js';
import { beginJournal, type Journal, openJournal } from './run/journal.js';
import { createJournalCopier } from './run/journal-copy.js';
import { takeLock } from './run/lock.js';
import { runFolder } from './run/run-folder.js';
import type { RunState } from './run/state.js';
import { openWay } from './way.js';

/** What the other half of the room does for a run. */
export interface RunParts extends Pick<RunPorts, 'checks' | 'findManifest' | 'writeEvidence' | 'publish'> {
  readonly createConnector: CreateConnector;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  onProgress(text: string): void;
  /** Leaves once AWS has taken the restore. */
  readonly detach?: boolean | undefined;
}

export async function verify(
  room: Room,
  parts: RunParts,
  options: RunOptions & PrepareOptions,
): Promise<RunState> {
  const prepared = await prepare(room, options);
  requireAffordable(prepared);
  return begin(room, parts, prepared, options);
}

async function begin(
  room: Room,
  parts: RunParts,
  { plan }: Prepared,
  options: RunOptions,
): Promise<RunState> {
  const ca = authoritiesOf(plan.asset, room);
  return locked(room, plan.run, (renew) => {
    const { lines } = runFolder(room.dir, plan.run);
    const onAppend = createJournalCopier(room, plan.run, lines);
    const journal = beginJournal({ lines, now: room.now, onAppend }, { type: 'planned', plan });
    return run(room, parts, journal, ca, renew, options);
  });
}

/** @throws RocError ROC_NOT_FOUND, ROC_ALREADY_DONE, ROC_CONFLICT (driven by another) */
export async function resume(
  room: Room,
  parts: RunParts,
  id: string,
  options: RunOptions,
): Promise<RunState> {
  const { lines } = runFolder(room.dir, id);
  if (lines.read() === '') await fetchJournal(room, id);
  return locked(room, id, async (renew) => {
    const journal = openJournal({ lines, now: room.now, onAppend: createJournalCopier(room, id, lines) });
    const { plan, phase } = journal.state;
    if (phase === 'published')
      throw new RocError('ROC_ALREADY_DONE', `run ${id} ended with ${journal.state.verdict}`, {
        hint: `See it with \`roc backup report ${id}\`.`,
      });
    if (plan.region !== room.cloud.region)
      throw new RocError('ROC_USAGE', `run ${id} is in ${plan.region}, not in ${room.cloud.region}`, {
        hint: `Pass --region ${plan.region}.`,
      });
    const ca = authoritiesOf(plan.asset, room);
    journal.append({ type: 'resumed', operator: (await room.cloud.caller()).arn });
    return run(room, parts, journal, ca, renew, options);
  });
}

async function run(
  room: Room,
  parts: RunParts,
  journal: Journal,
  ca: string,
  renew: () => Promise<void>,
  options: RunOptions,
): Promise<RunState> {
  const { plan } = journal.state;
  const context: RunContext = {
    cloud: room.cloud,
    journal,
    ports: {
      ...parts,
      openWay: (asset, host, port, signal) =>
        openWay(asset, host, port, { openTunnel: room.openTunnel, signal }),
      proveIdentity: async (way, authorities) =>
        verifyMysqlServer(await way.connect(), way.host, authorities),
    },
    ca,
    sources: [...protectedSources(room), plan.source],
    now: room.now,
    ...realWorld,
    wallClock: Date.now,
    poll: room.settings.poll,
    signal: options.signal,
    points: async () => (await gatherPoints(room.cloud, plan.source)).points,
    log: room.log,
    onProgress: options.onProgress,
  };
  const until = options.detach ? ({ accepted }: RunState) => accepted : undefined;
  return drive(context, { renew, until });
}

/** Holds the run's lock while `use` runs, and renews it meanwhile. */
async function locked<T>(
  room: Room,
  run: string,
  use: (renew: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const nonce = realWorld.randomBytes(8).toString('hex');
  const lock = await takeLock(lockPlace(room, run), run, Date.now, nonce);
  let lost: unknown = null;
  const renew = async () => {
    if (lost === null) await lock.renew().catch(noteLoss);
    if (lost !== null) throw lost;
  };
  // A bucket that does not answer for a moment takes no lock away: only another holder does.
  const noteLoss = (error: unknown) => {
    if (isPassing(error)) room.log.debug({ error: String(error) }, 'the lock could not be renewed');
    else lost = error;
  };
  const timer = setInterval(() => void lock.renew().catch(noteLoss), MINUTE);
  timer.unref();
  try {
    return await use(renew);
  } finally {
    clearInterval(timer);
    await lock.release().catch(() => {});
  }
}

/** Another host may have begun it: the bucket has a copy of its journal. */
async function fetchJournal({ objects, dir }: Room, id: string): Promise<void> {
  const found = await objects?.read(`runs/${id}/journal.jsonl`);
  if (found === undefined || found === null)
    throw new RocError('ROC_NOT_FOUND', `there is no run ${id} here`, {
      hint: 'Resume it on the host that began it, or name the bucket of its journal as backup.bucket in roc.yaml.',
    });
  runFolder(dir, id).lines.append(found.text);
}
