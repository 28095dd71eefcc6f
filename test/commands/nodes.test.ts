import { afterEach, describe, expect, it } from 'vitest';
import NodesDrain from '../../commands/nodes/drain.js';
import NodesList from '../../commands/nodes/list.js';
import NodesResume from '../../commands/nodes/resume.js';
import type { ReplyOf } from '../../src/protocol/contracts.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

const node: ReplyOf<'nodes.show'> = {
  ...{ id: '01JZ0000000000000000000001', instanceId: 'i-0abc', version: '1.0.0', state: 'online' },
  load: { held: 12, busy: 0.256, rssBytes: 90_000_000 },
  startedAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: '2026-01-01T00:00:00.000Z',
};
const gone = { ...node, id: '01JZ0000000000000000000002', state: 'gone' as const };

describe('roc nodes', () => {
  let shell: SignedIn;
  afterEach(() => shell.close());

  it('lists what each node holds and how busy it is', async () => {
    shell = await signedIn({ 'nodes.list': () => ({ items: [gone, node], nextCursor: null }) });
    const { stdout } = await shell.run(NodesList);
    expect(stdout).toMatch(/i-0abc .*online.* 12 .*26 %/);
    expect(JSON.parse((await shell.run(NodesList, '--json')).stdout)).toEqual({ items: [gone, node] });
  });

  it('drains the live node of an instance, and ends the drain', async () => {
    const asked: unknown[] = [];
    shell = await signedIn({
      'nodes.list': () => ({ items: [gone, node], nextCursor: null }),
      'nodes.drain': ({ params }) => {
        asked.push(params['id']);
        return { ...node, state: 'draining' };
      },
      'nodes.resume': () => node,
    });
    expect((await shell.run(NodesDrain, 'i-0abc')).stdout).toContain('node i-0abc drains; it holds 12 calls');
    expect((await shell.run(NodesResume, node.id)).stdout).toContain('works again');
    expect(asked).toEqual([node.id]);
  });

  it.each([
    ['no', [gone], 2],
    ['two', [node, { ...node, id: gone.id }], 4],
  ] as const)('refuses to guess among %s nodes of an instance', async (_, items, exitCode) => {
    shell = await signedIn({ 'nodes.list': () => ({ items: [...items], nextCursor: null }) });
    expect((await shell.run(NodesDrain, 'i-0abc')).exitCode).toBe(exitCode);
  });
});
