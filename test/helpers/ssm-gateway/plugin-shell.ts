/** The agent's shell on a real pseudo-terminal (python3's pty), and its commands without one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { PTY_SCRIPT } from '../pty.js';
import type { Agent, AgentPlugin } from './agent.js';

export function shellPlugin(
  argv: readonly string[],
  sessionType: string,
  onExit: (reason: string) => void,
): AgentPlugin {
  let child: ChildProcess | undefined;
  return {
    sessionType,
    properties: {},
    start(agent) {
      child = spawn('python3', ['-c', PTY_SCRIPT, ...argv], {
        stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
        env: { ...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
      });
      child.stdin?.on('error', () => {});
      pump(child, 'stdout', agent, 1);
      child.once('close', () => setTimeout(() => onExit(''), 20));
    },
    input(payload, payloadType) {
      if (payloadType === 1) child?.stdin?.write(Buffer.from(payload));
      if (payloadType === 3) {
        const { cols, rows } = JSON.parse(new TextDecoder().decode(payload)) as {
          cols: number;
          rows: number;
        };
        const control = child?.stdio[3];
        if (control && 'write' in control) control.write(`${cols} ${rows}\n`);
      }
    },
    stop() {
      child?.kill('SIGHUP');
    },
  };
}

/** NonInteractiveCommands: no terminal; with `separate` standard error and the exit code come as types of their own. */
export function commandPlugin(
  command: string,
  separate: boolean,
  onExit: (reason: string) => void,
): AgentPlugin {
  let child: ChildProcess | undefined;
  return {
    sessionType: 'NonInteractiveCommands',
    properties: {},
    start(agent) {
      child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
      const ends = [pump(child, 'stdout', agent, 1), pump(child, 'stderr', agent, separate ? 11 : 1)];
      child.once('close', (code) => {
        void Promise.all(ends.map((end) => end())).then(() => {
          if (separate) agent.send(12, new TextEncoder().encode(`EXIT_CODE: ${code ?? 255}`));
          // The channel closes only after the agent has been told that all arrived.
          const wait = setInterval(() => {
            if (agent.unacknowledged > 0) return;
            clearInterval(wait);
            onExit('');
          }, 2);
        });
      });
    },
    input() {},
    stop() {
      child?.kill('SIGKILL');
    },
  };
}

function pump(
  child: ChildProcess,
  name: 'stdout' | 'stderr',
  agent: Agent,
  payloadType: number,
): () => Promise<void> {
  const stream = child[name];
  let turn: Promise<void> = Promise.resolve();
  stream?.on('data', (data: Buffer) => {
    stream.pause();
    turn = agent.write(data, payloadType).then(() => void stream.resume());
  });
  return () => turn;
}
