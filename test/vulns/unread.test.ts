/** A gate that saw only a part of what it was to judge lets nothing pass. */
import { describe, expect, it } from 'vitest';
import { unreadGates } from '../../src/vulns/unread.js';
import { report } from './run-report.js';
import { inspectorFinding } from './samples.js';

const CRITICAL = { name: 'critical', when: { severity: 'critical' as const }, max: 0 };
const line = (severity: string) => `${JSON.stringify(inspectorFinding({ severity }))}\n`;

describe('records that could not be read', () => {
  // The scanner's disk was full: the last record is cut off, and it may have been a critical one.
  const cut = line('LOW') + line('CRITICAL').slice(0, 300);

  it('fail where a gate judges, also one that found nothing', async () => {
    const made = await report({ 'f.jsonl': cut }, { gates: [CRITICAL] });
    expect(made.intake.skipped).toBe(1);
    expect(made.gates).toEqual([
      { name: 'critical', passed: true, count: 0, max: 0 },
      { name: 'unread', passed: false, count: 1, max: 0 },
    ]);
  });

  it('are only told where none does', async () => {
    expect((await report({ 'f.jsonl': cut })).gates).toEqual([]);
  });

  it('leave a run alone that lost nothing', async () => {
    const made = await report({ 'f.jsonl': line('LOW') }, { gates: [CRITICAL] });
    expect(made.gates).toEqual([{ name: 'critical', passed: true, count: 0, max: 0 }]);
  });
});

describe('the gate of what was not looked at', () => {
  const fail = { limits: { unread: 'fail' as const } };
  const warn = { limits: { unread: 'warn' as const } };
  const failed = (count: number) => [{ name: 'unread', passed: false, count, max: 0 }];
  it.each([
    ['lost records', fail, { lost: 3, files: 1, listings: null }, failed(3)],
    ['lost records that the policy lets be', warn, { lost: 3, files: 1, listings: null }, []],
    ['every live service off, and nothing else asked', warn, { lost: 0, files: 0, listings: 0 }, failed(1)],
    ['every live service off beside files', fail, { lost: 0, files: 1, listings: 0 }, []],
    ['a live service that was read', fail, { lost: 0, files: 0, listings: 1 }, []],
    ['nothing lost', fail, { lost: 0, files: 2, listings: null }, []],
  ])('%s', (_name, policy, looks, gates) => {
    expect(unreadGates([CRITICAL], policy, looks)).toEqual(gates);
    expect(unreadGates([], policy, looks)).toEqual([]);
  });
});
