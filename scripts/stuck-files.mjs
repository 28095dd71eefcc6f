// A reporter for vitest: ends what no timeout of a test can end. A test file that blocks its own process (a synchronous
// call that never returns, a loop) would hold the whole run up for ever; it is told with its stack, killed, and is red.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { javascriptStack } from './javascript-stack.mjs';
import { noteForSummary } from './summary-notes.mjs';

const isLong = process.env.ROC_TEST_SIZE === 'long';
/** No file may take longer: the longest of every day takes 4 minutes on an idle machine with two cores. */
const FILE_SECONDS = Number(process.env.ROC_TEST_FILE_SECONDS || (isLong ? 14_400 : 900));
/** What vitest may take to end after its last file. */
const END_SECONDS = Math.min(FILE_SECONDS, 180);
/** Hundreds of tests that each wait for their time-out are a stuck file, too: what the first of them met is the cause. */
const TOLD_FAILURES = 5;

export default class StuckFiles {
  #running = new Map();
  #atLeastOne = false;
  #lastEvent = now();
  #timer;

  onTestRunStart() {
    this.#timer = setInterval(() => this.#look(), 1_000 * Math.min(10, FILE_SECONDS / 2));
    this.#timer.unref();
  }

  onTestModuleQueued({ id, relativeModuleId }) {
    this.#running.set(id, { file: relativeModuleId, since: now(), test: null, failures: [] });
    this.#atLeastOne = true;
    this.#lastEvent = now();
  }

  onTestCaseReady(test) {
    const running = this.#running.get(test.module.id);
    if (running) running.test = test.fullName;
  }

  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state !== 'failed') return;
    const message = errors[0]?.message?.split('\n')[0].slice(0, 200) ?? 'no error';
    this.#running.get(test.module.id)?.failures.push(`${test.fullName}: ${message}`);
  }

  onTestModuleEnd({ id }) {
    this.#running.delete(id);
    this.#lastEvent = now();
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }

  async #look() {
    const stuck = [...this.#running.values()].filter(({ since }) => now() - since > FILE_SECONDS);
    for (const one of stuck) {
      one.since = Number.POSITIVE_INFINITY;
      say(
        `stuck: ${one.file}, for more than ${FILE_SECONDS} s; last heard of: ${one.test ?? 'none of its tests'}`,
      );
      const { failures } = one;
      if (failures.length > 0)
        say(`  ${failures.length} of its tests had failed by then, the first of them:`);
      for (const failure of failures.slice(0, TOLD_FAILURES)) say(`    ${failure}`);
    }
    if (stuck.length > 0) await endWorkers(FILE_SECONDS);
    if (this.#atLeastOne && this.#running.size === 0 && now() - this.#lastEvent > END_SECONDS) {
      say(`stuck: vitest itself did not end within ${END_SECONDS} s of its last file`);
      await endWorkers(0);
      process.exit(1);
    }
  }
}

// Each file has a process of its own, started just before it: who is older than the limit runs a stuck one.
async function endWorkers(olderThan) {
  let workers;
  try {
    workers = childrenOf(process.pid);
  } catch (error) {
    say(`  its process cannot be found: ${error.message}`);
    process.exit(1);
  }
  for (const worker of workers) {
    if (worker.seconds < olderThan || !worker.command.includes('vitest')) continue;
    say(`  its process: ${describe(worker)}`);
    for (const child of descendantsOf(worker.pid)) say(`    which started: ${describe(child)}`);
    say(indent(await javascriptStack(worker.pid)));
    try {
      process.kill(worker.pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function descendantsOf(pid) {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child.pid)]);
}

function childrenOf(pid) {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,etimes=,stat=,args='], {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  return rows
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row))
    .filter((match) => match !== null && Number(match[2]) === pid)
    .map(([, id, , seconds, state, command]) => ({
      pid: Number(id),
      seconds: Number(seconds),
      state,
      command,
    }));
}

function describe({ pid, seconds, state, command }) {
  return `${pid}, ${state}, ${seconds} s, ${waitsIn(pid)}: ${command.slice(-160)}`;
}

// Only Linux tells; `0` where it computes.
function waitsIn(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return `waits in ${readFileSync(`/proc/${pid}/wchan`, 'utf8')} (${threads.length} threads)`;
  } catch {
    return 'waits in an unknown place';
  }
}

function indent(lines) {
  return lines.map((line) => `    ${line}`).join('\n');
}

function say(line) {
  process.stderr.write(`${line}\n`);
  noteForSummary(line);
}

function now() {
  return performance.now() / 1000;
}
