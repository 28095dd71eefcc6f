import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awaitStore } from '../../../src/orchestrator/store/await-store.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const newDir = tempDirs('await-store');
/** Nothing listens on the first port of a host. */
const DOWN = 'mysql://roc:secret@127.0.0.1:1/roc';

function logTo(lines: unknown[]) {
  const none = () => {};
  const warn = (...[facts, text]: unknown[]) => lines.push([text, (facts as { waitedMs: number }).waitedMs]);
  return { debug: none, info: none, error: none, warn };
}

describe('a database that is away when a node starts', () => {
  it('is waited for, told at once and then each half minute, until the node is stopped', async () => {
    const lines: unknown[] = [];
    const pauses: number[] = [];
    const sleep = async (ms: number) => {
      pauses.push(ms);
      if (pauses.length === 12) throw new TypeError('aborted');
    };
    const { signal } = new AbortController();
    const waiting = awaitStore({ url: DOWN, log: logTo(lines) }, { signal, sleep });
    await expect(waiting).rejects.toMatchObject({ code: 'ROC_INTERRUPTED' });
    expect(pauses.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
    const text = 'the database does not answer yet: waiting for it';
    expect(lines).toEqual([
      [text, 0],
      [text, 32_500],
    ]);
  });

  it('stops at the signal', async () => {
    const stop = new AbortController();
    const waiting = awaitStore({ url: DOWN, log: logTo([]) }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'ROC_INTERRUPTED' });
  });

  it.each([
    ['a folder that is none', `sqlite:${join('/dev/null', 'roc.db')}`, 'ROC_DATA_DIR_UNUSABLE'],
    ['an address that is none', 'postgres://x', 'ROC_CONFIG_INVALID'],
  ])('%s is not waited for', async (_, url, code) => {
    const { signal } = new AbortController();
    await expect(awaitStore({ url, log: logTo([]) }, { signal })).rejects.toMatchObject({ code });
  });

  it('is used when it is there', async () => {
    const url = `sqlite:${join(newDir(), 'roc.db')}`;
    const store = await awaitStore({ url, log: logTo([]) }, { signal: new AbortController().signal });
    await store.ping();
    await store.close();
  });
});
