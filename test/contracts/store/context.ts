/** What each part of the store's contract works with: a fresh fixture a test, whose invariants hold at its end. */
import { afterEach, beforeEach, expect } from 'vitest';
import { isRocError } from '../../../src/kernel/errors.js';
import { silentLog } from '../../../src/kernel/log.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { type Fixture, openFixture } from './fixture.js';
import { brokenInvariants } from './invariants.js';

export interface Engine {
  readonly name: 'sqlite' | 'mysql';
  /** Of a database that is this suite's own. */
  url(): string;
  /** An empty database without a schema. */
  emptyUrl(): Promise<string>;
}

/** Registers the hooks of a suite and returns its fixture. */
export function useFixture(engine: Engine): () => Fixture {
  let fixture: Fixture | undefined;
  beforeEach(async () => {
    fixture = await openFixture(engine.url());
  });
  afterEach(async () => {
    if (fixture === undefined) return;
    const broken = await brokenInvariants(fixture.store);
    await fixture.store.close();
    fixture = undefined;
    expect(broken).toEqual([]);
  });
  return () => {
    if (fixture === undefined) throw new TypeError('the fixture is open only within a test');
    return fixture;
  };
}

/** Registers the hooks of a suite whose database two nodes use, in turns; on SQLite, which is one process's own, one. */
export function useNodes(engine: Engine, fixture: () => Fixture): (at: number) => Store {
  let nodes: Store[] = [];
  beforeEach(async () => {
    const { store, clock } = fixture();
    const second = () => openStore({ url: engine.url(), log: silentLog, clock });
    nodes = engine.name === 'mysql' ? [store, await second()] : [store];
  });
  afterEach(async () => {
    for (const node of nodes.slice(1)) await node.close();
  });
  return (at) => nodes[at % nodes.length] ?? fixture().store;
}

/** The code of the RocError that a promise rejects with; anything else fails the test. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new TypeError('it was not refused'),
    (reason: unknown) => reason,
  );
  if (!isRocError(error)) throw error;
  expect(error.hint ?? '').not.toBe('');
  return error.code;
}

/** Small by default, full where ROC_TEST_SIZE=long. */
export function size(small: number, long: number): number {
  return process.env['ROC_TEST_SIZE'] === 'long' ? long : small;
}
