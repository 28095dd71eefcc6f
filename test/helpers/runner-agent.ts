/** A runner's agent in this process, with its events kept, beside a fake orchestrator. */

import type { RunnerEvent } from '../../src/runner/events.js';
import { type StartOptions, startRunner } from '../../src/runner/start.js';
import type { FakeOrchestrator } from './fake-orchestrator.js';
import { until } from './until.js';

export interface TestAgent {
  readonly events: RunnerEvent[];
  readonly ended: ReturnType<typeof startRunner>;
  /** The first event of a kind, once it has come. */
  event<K extends RunnerEvent['event']>(kind: K): Promise<Extract<RunnerEvent, { event: K }>>;
  /** The first interrupt; resolves when the agent has ended. */
  stop(): ReturnType<typeof startRunner>;
}

export function startTestAgent(
  fake: FakeOrchestrator,
  stateDir: string,
  options: Partial<StartOptions> = {},
): TestAgent {
  const interrupt = new AbortController();
  const events: RunnerEvent[] = [];
  const ended = startRunner({
    ...{
      stateDir,
      url: fake.url,
      token: fake.token,
      name: 'host-1',
      labels: {},
      slots: 2,
      version: '0.0.0-test',
    },
    ...{
      once: false,
      drainTimeoutMs: 2000,
      cacheBytes: 1024 * 1024,
      env: process.env,
      signal: interrupt.signal,
    },
    emit: (event) => events.push(event),
    ...options,
  });
  ended.catch(() => {});
  return {
    events,
    ended,
    event: (kind) => until(kind, () => events.find((event) => event.event === kind)) as never,
    stop: () => {
      interrupt.abort();
      return ended;
    },
  };
}
