import { expect, test } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import { createClient } from '../../../src/protocol/client.js';
import { readNodes } from '../../../src/scale/status/nodes.js';

const answering = (response: () => Response) => async () =>
  createClient({
    ...{ url: 'https://roc.example.com', token: async () => 'roc_key', userAgent: 'test' },
    fetch: async () => response(),
  });
const refused = { code: 'ROC_UNAUTHENTICATED', title: 'no', detail: 'the API key was revoked' };

test.each([
  [
    'without a key',
    () => Promise.reject(new RocError('ROC_UNAUTHENTICATED', 'not signed in to a server')),
    'not asked, nobody is signed in (roc login, or ROC_TOKEN)',
  ],
  ['of a revoked key', answering(() => Response.json(refused, { status: 401 })), 'the API key was revoked'],
  [
    'behind a proxy that wants another key',
    answering(() => new Response('who?', { status: 401 })),
    expect.stringMatching(/answered 401 with text\/plain/),
  ],
  [
    'where it is not allowed',
    answering(() =>
      Response.json({ code: 'ROC_FORBIDDEN', detail: 'nodes:read is needed' }, { status: 403 }),
    ),
    'nodes:read is needed',
  ],
])('no servers %s, and why', async (_, open, unknown) => {
  expect(await readNodes(open)).toEqual({ unknown });
});

test('the servers as they are', async () => {
  const node = {
    ...{ id: 'n', instanceId: 'i-1', version: '1.0.0', state: 'online', load: { busy: 0.5, held: 0 } },
    lastSeenAt: '2026-11-22T03:20:00.000Z',
  };
  const known = await readNodes(answering(() => Response.json({ items: [node], nextCursor: null })));
  expect(known).toMatchObject({ value: [{ id: 'n', busy: 0.5, lastSeenAt: Date.parse(node.lastSeenAt) }] });
});
