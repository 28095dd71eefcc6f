import { beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../src/kernel/log.js';
import type { ControllerParts } from '../../src/scale/controller-parts.js';
import { tick } from '../../src/scale/tick.js';
import { tellUnread, unreadMetrics } from '../../src/scale/unread.js';
import { type MemoryWorld, memoryController, memoryWorld } from '../helpers/scale/memory-controller.js';

let world: MemoryWorld;
let warnings: string[];
beforeEach(() => {
  world = memoryWorld();
  warnings = [];
});
const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) };
const look = (changes: (parts: ControllerParts) => Partial<ControllerParts>) => {
  const parts = memoryController(world);
  return tick({ ...parts, log, ...changes(parts) }, { isFull: true, doubt: null });
};

test('a look that reads all is silent', async () => {
  await look(() => ({}));
  expect(warnings).toEqual([]);
});

test('each fact that lacks is told once a look, with what a decision does without it', async () => {
  world.demand = 3600;
  const report = await look((parts) => ({
    fleet: { ...parts.fleet, activities: () => Promise.reject(new TypeError('no right')) },
    metering: { ...parts.metering, credits: async () => ({ balances: new Map(), unread: 'Throttling' }) },
    slowFacts: async () => ({
      ...{ launches: new Map(), burst: null, dbMaxConnections: null },
      unread: [{ fact: 'launch times', why: 'Throttling', without: 'no decision looks at them' }],
    }),
  }));
  // None of it keeps a raise.
  expect(report).toMatchObject({ did: 'set', desired: 6 });
  expect(warnings).toEqual([
    'launches of the group cannot be read: how long a boot takes is guessed where timing.boot is auto (no right)',
    'launch times, CPU credits cannot be read: no decision looks at them; no instance is thought richer or poorer than another (Throttling)',
  ]);
});

test('metrics that failed or are forbidden are told, those in part are not', () => {
  const series = (
    id: string,
    status: 'complete' | 'partial' | 'failed' | 'forbidden',
    messages: string[],
  ) => ({
    ...{ id, status, messages, periodMs: 60_000, points: [] },
  });
  const unread = unreadMetrics([
    series('requests', 'failed', ['InternalError']),
    series('cpu', 'complete', []),
    series('healthy', 'partial', ['some are late']),
    series('db:cpu:roc-db', 'forbidden', []),
  ]);
  tellUnread(log, unread);
  expect(warnings).toEqual([
    'requests cannot be read: demand is what was last known, and nothing is taken away (InternalError)',
    'db:cpu:roc-db cannot be read: a busy database holds no raise back (forbidden)',
  ]);
});
