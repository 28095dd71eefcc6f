/** One robot from its unpacked folder to its end: started, watched, and gone with all it started. */
import { aborted } from './abort.js';
import type { AttemptDir } from './attempt-dir.js';
import type { RobotAssets } from './job-assets.js';
import type { JobContext } from './job-context.js';
import type { JobControl } from './job-control.js';
import type { JobLog } from './job-log.js';
import { killTree, RUN_MARK, type Tree, terminateGroup } from './kill-tree.js';
import type { ProcessEnd, StopReason } from './outcome.js';
import type { JobOffer } from './package-cache.js';
import { pathOf, robotEnv } from './robot-env.js';
import { readRobotOutput } from './robot-output.js';
import { type RobotProcess, startRobotProcess } from './robot-process.js';
import { findRobotProgram } from './robot-program.js';
import type { Timing } from './timing.js';

export interface RobotEnd {
  readonly end: ProcessEnd;
  /** Why the runner ended it, or null where it had ended by itself before anybody asked. */
  readonly stopped: StopReason | null;
  readonly lastError: string | null;
}

export interface RobotRunOptions {
  readonly offer: JobOffer;
  readonly job: JobControl;
  readonly dir: AttemptDir;
  readonly input: string;
  readonly log: JobLog;
  readonly context: JobContext;
  /** Null for a robot that names none. */
  readonly assets: RobotAssets | null;
  readonly onStarted: (pid: number) => void;
}

/** Between asking a robot to end and killing it, where nobody said how long. */
const TIMEOUT_GRACE_MS = 5000;
/** How long the pipes may stay open after the last process of the robot that could be found is gone. */
const PIPE_GRACE_MS = 1000;

/** @throws RocError where the robot cannot be started */
export async function runRobot(options: RobotRunOptions): Promise<RobotEnd> {
  const { offer, dir, input, context, assets } = options;
  const env = robotEnv(
    {
      jobId: offer.jobId,
      attempt: offer.attempt,
      epoch: offer.epoch,
      mark: `${context.runMark}${offer.jobId}.${offer.epoch}`,
      assets,
    },
    dir,
    context.env,
  );
  const [program = '', ...args] = offer.entrypoint;
  const file = findRobotProgram(program, {
    packageDir: dir.package,
    path: pathOf(env),
    platform: process.platform,
    node: process.execPath,
  });
  const robot = await startRobotProcess({ file, args, cwd: dir.package, env, stdin: input });
  const tree = { pid: robot.pid, mark: env[RUN_MARK] ?? '' };
  context.groups.add(robot.pid);
  context.watchdog.guard(robot.pid);
  try {
    return await followRobot(robot, tree, options);
  } catch (error) {
    await killTree(tree, context.timing);
    throw error;
  } finally {
    context.watchdog.release(robot.pid);
    context.groups.delete(robot.pid);
  }
}

/** Reads what it prints until it has ended, by itself or by the runner. */
async function followRobot(robot: RobotProcess, tree: Tree, options: RobotRunOptions): Promise<RobotEnd> {
  const { offer, job, log, context, onStarted } = options;
  const { timing } = context;
  onStarted(robot.pid);
  const output = readRobotOutput({
    stdout: robot.stdout,
    stderr: robot.stderr,
    log,
    redactor: options.assets?.redactor,
    wall: timing.wall,
    onProgress: (progress) => {
      job.progress = progress;
      context.onProgress();
    },
  });
  const { end, stopped } = await superviseRobot(robot, tree, offer.timeoutMs, job, timing);
  log.release();
  await Promise.race([output.done, timing.sleep(PIPE_GRACE_MS)]);
  robot.stdout.destroy();
  robot.stderr.destroy();
  await output.done;
  return { end, stopped, lastError: output.lastError() };
}

/** Waits for the end by itself, or brings it about; in both cases nothing of the robot lives on. */
async function superviseRobot(
  robot: RobotProcess,
  tree: Tree,
  timeoutMs: number,
  job: JobControl,
  timing: Timing,
): Promise<Pick<RobotEnd, 'end' | 'stopped'>> {
  const over = new AbortController();
  const ended = robot.ended.finally(() => over.abort());
  void timing.sleep(timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) job.stop('timeout', TIMEOUT_GRACE_MS);
  });
  await Promise.race([ended, aborted(job.stopping)]);
  const endedByItself = over.signal.aborted;
  if (!endedByItself && !job.killing.aborted && terminateGroup(robot.pid))
    await Promise.race([ended, aborted(job.killing), timing.sleep(job.graceMs, over.signal)]);
  await killTree(tree, timing);
  const end = await ended;
  job.robotEnded();
  return { end, stopped: endedByItself ? null : job.reason };
}
