// Where a Node process is in its JavaScript, even in a loop that never ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

// The port of Node's inspector where nobody chose another.
const TARGETS = 'http://127.0.0.1:9229/json/list';

/** Its frames, innermost first, through the inspector that SIGUSR1 opens; one line that says why there are none. */
export async function javascriptStack(pid) {
  try {
    if (await inspectorUrl()) throw new Error('another process has the port of the inspector');
    process.kill(pid, 'SIGUSR1');
    for (let attempt = 0; attempt < 25; attempt++) {
      await sleep(200);
      const url = await inspectorUrl();
      if (url) return await pausedAt(url);
    }
    throw new Error('its inspector does not open');
  } catch (error) {
    return [`no JavaScript stack: ${error.message}`];
  }
}

async function inspectorUrl() {
  try {
    const answer = await fetch(TARGETS, { signal: AbortSignal.timeout(2_000) });
    return (await answer.json())[0]?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

// A call outside JavaScript, such as execFileSync's, does not pause until it returns.
function pausedAt(url) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const end = (settle, value) => {
      clearTimeout(timer);
      socket.terminate();
      settle(value);
    };
    const timer = setTimeout(() => end(reject, new Error('it is in no JavaScript that pauses')), 5_000);
    const files = new Map();
    const frame = ({ functionName, location: { scriptId, lineNumber } }) =>
      `at ${functionName || '(anonymous)'} (${files.get(scriptId) ?? 'unknown'}:${lineNumber + 1})`;
    socket.on('error', (error) => end(reject, error));
    socket.on('open', () => {
      for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries())
        socket.send(JSON.stringify({ id, method }));
    });
    socket.on('message', (data) => {
      const { method, params } = JSON.parse(String(data));
      if (method === 'Debugger.scriptParsed') files.set(params.scriptId, params.url);
      if (method === 'Debugger.paused') end(resolve, params.callFrames.slice(0, 25).map(frame));
    });
  });
}
