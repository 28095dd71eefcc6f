/** An agent that connects to the gateway from outside, by its own token and WebSocket, as a real one does. */
import { WebSocket } from 'ws';
import { Agent } from './agent.js';
import type { Gateway } from './gateway.js';
import { shellPlugin } from './plugin-shell.js';

export async function connectExternalAgent(
  gateway: Gateway,
  sessionId: string,
  shell: readonly string[],
): Promise<Agent> {
  const answer = await fetch(`${gateway.url}/v1/data-channel/${sessionId}`, { method: 'POST' });
  const token = /<TokenValue>(.+)<\/TokenValue>/.exec(await answer.text())?.[1] ?? '';
  const socket = new WebSocket(
    `ws://127.0.0.1:${gateway.port}/v1/data-channel/${sessionId}?role=publish_subscribe`,
    {
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/ssmmessages/aws4_request, test',
        'x-amz-date': '20260101T000000Z',
      },
    },
  );
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(
    JSON.stringify({
      MessageSchemaVersion: '1.0',
      RequestId: 'r',
      TokenValue: token,
      ClientInstanceId: 'i-0123456789abcdef0',
      ClientId: 'agent',
    }),
  );
  const agent = new Agent(
    {},
    shellPlugin(shell, 'Standard_Stream', () => {}),
    { sessionId, target: 'i-0123456789abcdef0' },
    { send: (frame) => socket.send(frame), backlog: () => socket.bufferedAmount },
  );
  socket.on('message', (data) => agent.receive(data as Buffer));
  agent.start();
  return Object.assign(agent, {
    stop: () => {
      Agent.prototype.stop.call(agent);
      socket.terminate();
    },
  });
}
