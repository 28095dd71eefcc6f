/** Follows one operation of a stack to its end, from wherever it stands: what roc began, or somebody else. */
import { isRocError, RocError } from '../kernel/errors.js';
import { isoTime } from '../kernel/time.js';
import { readEvents, type StackEvent } from './aws/stack-events.js';
import { describeStack } from './aws/stacks.js';
import { type RootCause, rootCause } from './decide/root-cause.js';
import { stackState } from './decide/stack-state.js';
import { usualTime } from './decide/usual-time.js';
import { type Engine, pace } from './engine.js';

export interface OperationEnd {
  readonly status: string;
  readonly reason: string | null;
  readonly cause: RootCause | null;
}

// A rate limit or a broken network is no reason to leave a deployment that goes on without us.
const PATIENCE = 20;
const PASSING = ['ROC_THROTTLED', 'ROC_UNREACHABLE', 'ROC_UNAVAILABLE', 'ROC_TIMEOUT'];
// Polls without a sign of the operation before the stack itself is asked.
const SILENT_POLLS = 3;

/**
 * Reports each event once and resolves when the stack rests. `token` is that of the call which began the operation;
 * null joins the one that runs, or tells the last one again.
 * @throws RocError ROC_RESUMABLE when it is interrupted, or AWS is out of reach or the credentials end: it goes on in AWS
 */
export async function followOperation(
  engine: Engine,
  stackId: string,
  token: string | null,
): Promise<OperationEnd> {
  const story = newStory(token);
  const pause = pace(300, 5000);
  let failures = 0;
  for (let polls = 1; ; polls++) {
    try {
      const isNews = await readOn(engine, stackId, story);
      failures = 0;
      if (story.end !== null && !(await goesOn(engine, stackId, token)))
        return { ...story.end, cause: rootCause(story.events) };
      if (story.end !== null) nextStory(story);
      if (story.events.length === 0 && polls >= SILENT_POLLS) {
        const rest = await restingState(engine, stackId);
        if (rest !== null) return { ...rest, cause: null };
      }
      if (isNews) pause.reset();
      await engine.wait(pause.next());
    } catch (error) {
      failures++;
      if (!isPassing(error) || failures > PATIENCE) throw resumable(error);
      engine.onEvent(step(engine, 'AWS does not answer; still trying'));
      await engine.wait(5000).catch((reason: unknown) => {
        throw resumable(reason);
      });
    }
  }
}

/** The last operation as far as it has come, without waiting; `status` is the stack's where no event tells. */
export async function tellSoFar(engine: Engine, stackId: string, status: string): Promise<OperationEnd> {
  const story = newStory(null);
  await readOn(engine, stackId, story);
  const end = story.end ?? { status, reason: null };
  return { ...end, cause: rootCause(story.events) };
}

/** Who joins may have been told the operation before: the first event of the running one was not written yet. */
async function goesOn(engine: Engine, stackId: string, token: string | null): Promise<boolean> {
  return token === null && (await restingState(engine, stackId)) === null;
}

interface Story {
  token: string | null;
  /** Whose events these are has been settled. */
  isSettled: boolean;
  readonly seen: Set<string>;
  events: StackEvent[];
  readonly begun: Map<string, number>;
  end: { status: string; reason: string | null } | null;
}

function newStory(token: string | null): Story {
  return { token, isSettled: token !== null, seen: new Set(), events: [], begun: new Map(), end: null };
}

function nextStory(story: Story): void {
  Object.assign(story, { token: null, isSettled: false, events: [], end: null });
}

async function readOn(engine: Engine, stackId: string, story: Story): Promise<boolean> {
  const isBefore = (event: StackEvent) => {
    if (story.seen.has(event.id)) return true;
    // Joining: the newest event says which operation this is.
    if (!story.isSettled) Object.assign(story, { token: event.token, isSettled: true });
    return story.token !== null && event.token !== story.token;
  };
  const isFirst = (event: StackEvent) => story.token === null && event.isStack && BEGIN.test(event.status);
  const read = await readEvents(
    engine.access,
    stackId,
    (event) => isBefore(event) || isFirst(event),
    engine.signal,
  );
  const news = read.filter((event) => !isBefore(event)).reverse();
  for (const event of news) tell(engine, story, event);
  return news.length > 0;
}

const BEGIN = /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/;

function tell(engine: Engine, story: Story, event: StackEvent): void {
  const { at, logicalId, physicalId, type, status, reason } = event;
  story.seen.add(event.id);
  story.events.push(event);
  if (event.isStack) {
    story.end = /_IN_PROGRESS$/.test(status) ? null : { status, reason };
    engine.onEvent({ event: 'stack', at: isoTime(at), status, reason });
    return;
  }
  if (/_IN_PROGRESS$/.test(status) && !story.begun.has(logicalId)) story.begun.set(logicalId, at);
  const begun = story.begun.get(logicalId);
  if (!/_IN_PROGRESS$/.test(status)) story.begun.delete(logicalId);
  engine.onEvent({
    event: 'resource',
    at: isoTime(at),
    logicalId,
    type,
    status,
    reason,
    physicalId: physicalId || null,
    elapsedMs: begun === undefined ? null : at - begun,
    usualMs: usualTime(type),
  });
}

/** Where the stack stands when no event tells of the operation; null while it runs. */
async function restingState(
  engine: Engine,
  stackId: string,
): Promise<{ status: string; reason: string | null } | null> {
  const stack = await describeStack(engine.access, stackId, engine.signal);
  if (stack === null) return { status: 'DELETE_COMPLETE', reason: null };
  return stackState(stack.status).readiness === 'busy' ? null : stack;
}

function isPassing(error: unknown): boolean {
  return isRocError(error) && PASSING.includes(error.code);
}

/** Whatever ends the watching, the operation goes on: exit 75, and how to join it again. */
function resumable(error: unknown): unknown {
  if (!isRocError(error)) return error;
  if (error.code !== 'ROC_INTERRUPTED' && error.code !== 'ROC_CREDENTIALS_MISSING' && !isPassing(error))
    return error;
  const why = error.code === 'ROC_INTERRUPTED' ? 'you left' : error.message;
  const first = error.code === 'ROC_CREDENTIALS_MISSING' ? 'Renew the credentials, then join' : 'Join';
  return new RocError('ROC_RESUMABLE', `${why}; the operation goes on in AWS`, {
    hint: `${first} it with \`roc provision events --follow\`, or run the same command again.`,
    cause: error,
  });
}

export function step(engine: Pick<Engine, 'clock'>, text: string) {
  return { event: 'step', at: isoTime(engine.clock()), text } as const;
}
