import { describe, expect, it } from 'vitest';
import { completionOf, type EndFacts, failureOf, isReported } from '../../src/runner/outcome.js';

const base: EndFacts = {
  end: { exitCode: 0, signal: null },
  stopped: null,
  output: { kind: 'none' },
  lastError: null,
  timeoutMs: 90_000,
};
const value = { kind: 'value', value: { total: 3 } } as const;
const invalid = { kind: 'invalid', problem: 'the output file is not JSON' } as const;

describe('completionOf', () => {
  it.each<[string, Partial<EndFacts>, unknown]>([
    ['exit 0', {}, { outcome: 'succeeded', error: null }],
    ['exit 0 with output', { output: value }, { outcome: 'succeeded', output: { total: 3 }, error: null }],
    [
      'exit 0 with output that is none',
      { output: invalid },
      { outcome: 'failed', error: { kind: 'robot', message: invalid.problem, exitCode: 0 } },
    ],
    [
      'exit 7',
      { end: { exitCode: 7, signal: null } },
      { outcome: 'failed', error: { kind: 'robot', message: 'exit code 7', exitCode: 7 } },
    ],
    [
      'exit 7 with last words',
      { end: { exitCode: 7, signal: null }, lastError: 'no such invoice' },
      { outcome: 'failed', error: { kind: 'robot', message: 'no such invoice', exitCode: 7 } },
    ],
    [
      'exit 7 with bad output: the exit code is the story',
      { end: { exitCode: 7, signal: null }, output: invalid },
      { outcome: 'failed', error: { kind: 'robot', message: 'exit code 7', exitCode: 7 } },
    ],
    [
      'a signal',
      { end: { exitCode: null, signal: 'SIGSEGV' } },
      { outcome: 'failed', error: { kind: 'robot', message: 'killed by SIGSEGV', exitCode: null } },
    ],
    [
      'a cancel, also where the robot then ends with 0',
      { stopped: 'cancel', output: value },
      {
        outcome: 'canceled',
        output: { total: 3 },
        error: { kind: 'canceled', message: 'canceled', exitCode: 0 },
      },
    ],
    [
      'a time-out',
      { stopped: 'timeout', end: { exitCode: null, signal: 'SIGKILL' } },
      {
        outcome: 'timed_out',
        error: { kind: 'timeout', message: 'did not end within 1m 30s', exitCode: null },
      },
    ],
  ])('%s', (_, facts, expected) => {
    expect(completionOf({ ...base, ...facts })).toEqual(expected);
  });

  it('keeps messages to a length that a person reads', () => {
    const lastError = 'x'.repeat(9000);
    const { error } = completionOf({ ...base, end: { exitCode: 1, signal: null }, lastError });
    expect(error?.message).toHaveLength(2000);
    expect(failureOf('runner', lastError).error?.message).toHaveLength(2000);
  });
});

describe('isReported', () => {
  it.each([
    [null, true],
    ['cancel', true],
    ['timeout', true],
    ['lost', false],
    ['fenced', false],
    ['shutdown', false],
  ] as const)('%s: %s', (reason, expected) => {
    expect(isReported(reason)).toBe(expected);
  });
});
