/** One robot from its unpacked folder to its end: started, watched, and gone with all it started. */
import { aborted } from './abort.js';
import type { AttemptDir } from './attempt-dir.js';
import type { JobContext } from './job-context.js';
import type { JobControl } from './job-control.js';
import type { JobLog } from './job-log.js';
import { killTree, RUN_MARK, terminateGroup } from './kill-tree.js';
import type { ProcessEnd, StopReason } from './outcome.js';
import type { JobOffer } from './package-cache.js';
import { pathOf, robotEnv } from './robot-env.js';
import { readRobotOutput } from './robot-output.js';
import { type RobotProcess, startRobotProcess } from './robot-process.js';
import { findRobotProgram } from './robot-program.js';

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
  readonly onStarted: (pid: number) => void;
}

/** Between asking a robot to end and killing it, where nobody said how long. */
const TIMEOUT_GRACE_MS = 5000;
/** How long the pipes may stay open after the last process of the robot that could be found is gone. */
const PIPE_GRACE_MS = 1000;

/** @throws RocError where the robot cannot be started */
export async function runRobot(options: RobotRunOptions): Promise<RobotEnd> {
  const { offer, job, dir, input, log, context, onStarted } = options;
  const { timing } = context;
  const env = robotEnv(
    {
      jobId: offer.jobId,
      attempt: offer.attempt,
      mark: `${context.runMark}${offer.jobId}.${offer.epoch}`,
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
  context.groups.add(robot.pid);
  context.watchdog.guard(robot.pid);
  onStarted(robot.pid);
  const output = readRobotOutput({
    stdout: robot.stdout,
    stderr: robot.stderr,
    log,
    wall: timing.wall,
    onProgress: (progress) => {
      job.progress = progress;
      context.onProgress();
    },
  });
  const { end, stopped } = await superviseRobot(robot, env[RUN_MARK] ?? '', offer.timeoutMs, job, context);
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
  mark: string,
  timeoutMs: number,
  job: JobControl,
  { timing, watchdog, groups }: JobContext,
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
  await killTree({ pid: robot.pid, mark }, timing);
  const end = await ended;
  job.robotEnded();
  watchdog.release(robot.pid);
  groups.delete(robot.pid);
  return { end, stopped: endedByItself ? null : job.reason };
}
