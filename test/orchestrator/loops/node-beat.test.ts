import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { createHeldCalls } from '../../../src/orchestrator/http/held-calls.js';
import { startNodeBeat } from '../../../src/orchestrator/loops/node-beat.js';
import { startTestServer } from '../../helpers/test-server.js';

async function scene() {
  let now = 1_700_000_000_000;
  const server = await startTestServer({ clock: () => now });
  onTestFinished(() => server.close());
  const start = (instanceId: string | null) => {
    const held = createHeldCalls();
    const options = { store: server.parts.store, held, instanceId, version: '1.2.3', log: silentLog };
    // Far from its next round: a test makes the rounds by starting anew.
    return startNodeBeat({ ...options, random: () => 0.99 }).then((beat) => ({ ...beat, held }));
  };
  const token = await server.tokenOf('owner');
  const list = async () => (await server.ok('nodes.list', { token, query: {} })).items;
  const pass = (ms: number) => {
    now += ms;
  };
  return { server, token, start, list, pass };
}

describe('nodes', () => {
  it('are listed from their start, gone after three missed beats, and forgotten when they stop', async () => {
    const { start, list, pass } = await scene();
    const node = await start('i-0abc');
    expect(await list()).toMatchObject([
      { id: node.id, instanceId: 'i-0abc', version: '1.2.3', state: 'online', load: { held: 0 } },
    ]);
    pass(15_001);
    expect(await list()).toMatchObject([{ state: 'gone' }]);
    await node.stop();
    expect(await list()).toEqual([]);
  });

  it('drain and resume by their id; one that is not there is not found', async () => {
    const { server, token, start, list } = await scene();
    const node = await start(null);
    const params = { id: node.id };
    expect(await server.ok('nodes.drain', { token, params })).toMatchObject({ state: 'draining' });
    expect(await server.ok('nodes.show', { token, params })).toMatchObject({ state: 'draining' });
    expect(await server.ok('nodes.resume', { token, params })).toMatchObject({ state: 'online' });
    const missing = await server.send('nodes.drain', { token, params: { id: '01J00000000000000000000000' } });
    expect(missing.statusCode).toBe(404);
    await node.stop();
    expect(await list()).toEqual([]);
  });
});

describe('held calls', () => {
  it('end when the node drains, and are held again when it works again', () => {
    const held = createHeldCalls();
    const call = () => {
      const controller = new AbortController();
      held.add(controller);
      return controller.signal;
    };
    const before = call();
    expect(held.count()).toBe(1);
    held.drain(true);
    expect([before.aborted, call().aborted, held.count()]).toEqual([true, true, 0]);
    held.drain(false);
    expect([call().aborted, held.count()]).toEqual([false, 1]);
    held.endAll();
    held.drain(false);
    expect(call().aborted).toBe(true);
  });
});
