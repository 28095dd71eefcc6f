/** One attempt from the offer to what it came to: acknowledged, unpacked, run, and its folder gone. */
import { isRocError } from '../kernel/errors.js';
import { formatDuration } from '../kernel/time.js';
import type { RobotManifest } from '../protocol/package/manifest.js';
import { type AttemptDir, attemptDirOf, makeAttemptDir } from './attempt-dir.js';
import { isAssetFault, openJobAssets, type RobotAssets } from './job-assets.js';
import type { JobContext } from './job-context.js';
import type { JobControl } from './job-control.js';
import type { JobLog } from './job-log.js';
import { keepTrying } from './keep-trying.js';
import { type Completion, completionOf, failureOf, isReported } from './outcome.js';
import { readOutputFile } from './output-file.js';
import type { JobOffer } from './package-cache.js';
import { isPackageFault, unpackRobot } from './robot-package.js';
import { type RobotEnd, runRobot } from './robot-run.js';
import { statusOf, verdictOf } from './verdict.js';
import { wipeDir } from './wipe-dir.js';

export interface AttemptOptions {
  readonly offer: JobOffer;
  readonly job: JobControl;
  readonly log: JobLog;
  readonly context: JobContext;
}

/** What the server is to be told, or null where it is to be told nothing. Never throws. */
export async function runAttempt(options: AttemptOptions): Promise<Completion | null> {
  const { offer, job, context } = options;
  const dir = attemptDirOf(context.state, job);
  const input = JSON.stringify(offer.input ?? null);
  try {
    const [unpacked] = await Promise.allSettled([unpack(options, dir, input), acknowledge(options)]);
    if (job.reason !== null) return stoppedBeforeStart(job);
    if (unpacked.status === 'rejected') throw unpacked.reason;
    return await withAssets(unpacked.value, options, (assets) => runPrepared(options, dir, input, assets));
  } catch (error) {
    // Where nobody reported it, a job that was canceled in this moment would end only with its lease.
    if (verdictOf(error, 'job') === 'canceled') job.stop('cancel');
    if (isLost(error)) job.stop('lost');
    return job.reason === null ? failed(error) : stoppedBeforeStart(job);
  } finally {
    job.robotEnded();
    if (!(await wipeDir(dir.root)))
      context.emit({ event: 'warning', message: `${dir.root} could not be removed whole` });
  }
}

/**
 * The server learns that we have the job while the package is fetched and unpacked; the robot starts only when both
 * are done, so that a server which gave the job to another has had its chance to say so: the job is lost then.
 */
async function acknowledge({ job, context: { link, timing } }: AttemptOptions): Promise<void> {
  const signal = job.stopping;
  const tell = async () => {
    const sentAt = timing.mono();
    await link.call('runner.started', { params: { id: job.jobId }, body: { epoch: job.epoch }, signal });
    job.renewed(sentAt);
  };
  try {
    await keepTrying(tell, { kind: 'job', timing, signal });
  } catch {
    if (!signal.aborted) job.stop('lost');
  }
}

async function unpack(
  { offer, job, log, context }: AttemptOptions,
  dir: AttemptDir,
  input: string,
): Promise<RobotManifest> {
  const { facts, ...parts } = context;
  await makeAttemptDir(dir, input);
  const signal = job.stopping;
  const onWaiting = (error: unknown) => {
    const why = isRocError(error) ? error.message : 'it cannot be had';
    log.add('system', [`waits for its package: ${why}`], parts.timing.wall());
  };
  return unpackRobot(offer, dir.package, { ...parts, os: facts.os, signal, onWaiting });
}

/** A robot that names no assets gets no address to ask at, and none is held open for it. */
async function withAssets<T>(
  { assets: names }: RobotManifest,
  { job, context }: AttemptOptions,
  work: (assets: RobotAssets | null) => Promise<T>,
): Promise<T> {
  const assets = names.length === 0 ? null : await openJobAssets(job, context);
  try {
    return await work(assets);
  } finally {
    await assets?.close();
  }
}

async function runPrepared(
  options: AttemptOptions,
  dir: AttemptDir,
  input: string,
  assets: RobotAssets | null,
): Promise<Completion | null> {
  const { offer, job, log, context } = options;
  const { timing, identity, emit } = context;
  let startedAt = timing.mono();
  log.add('system', [`attempt ${offer.attempt} on runner ${identity.name}`], timing.wall());
  const robot = await runRobot({
    ...{ offer, job, dir, input, log, context, assets },
    onStarted: (pid) => {
      const spawnedAt = performance.timeOrigin + performance.now();
      startedAt = timing.mono();
      const {
        jobId,
        attempt,
        process,
        package: { version },
      } = offer;
      emit({ event: 'job-started', jobId, attempt, process, version, pid, spawnedAt });
    },
  });
  log.add('system', [endText(robot, timing.mono() - startedAt)], timing.wall());
  if (!isReported(job.reason)) return null;
  const output = await readOutputFile(dir.outputFile);
  return completionOf({ ...robot, output, timeoutMs: offer.timeoutMs });
}

function endText({ end, stopped }: RobotEnd, tookMs: number): string {
  const how = end.signal === null ? `with exit code ${end.exitCode}` : `by ${end.signal}`;
  const why = stopped === null ? '' : ` (${stopped})`;
  return `ended ${how} after ${formatDuration(tookMs)}${why}`;
}

function stoppedBeforeStart(job: JobControl): Completion | null {
  if (!isReported(job.reason)) return null;
  return { outcome: 'canceled', error: { kind: 'canceled', message: 'canceled', exitCode: null } };
}

function isLost(error: unknown): boolean {
  return verdictOf(error, 'job') === 'stale' && isRocError(error) && statusOf(error) !== 404;
}

function failed(error: unknown): Completion {
  if (isAssetFault(error)) return failureOf('assets', (error as Error).message);
  if (isRocError(error)) return failureOf(isPackageFault(error) ? 'package' : 'runner', error.message);
  // What the system says names paths of this host, which are nobody's business there.
  const code = (error as NodeJS.ErrnoException | null)?.code ?? 'unexpected fault';
  return failureOf('runner', `this host could not run it: ${code}`);
}
