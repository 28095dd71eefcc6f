/** A node or a runner as a process of its own, which can be killed, asked to end, and started again. */
import { freePort } from '../helpers/free-port.js';
import type { Program, ProgramEnd } from '../helpers/program.js';
import { until } from '../helpers/until.js';

export interface Member {
  readonly name: string;
  readonly program: Program;
  /** SIGKILL, as the machine would die. */
  kill(): Promise<void>;
  /** SIGTERM, as whoever replaces it would ask; resolves at its end. */
  end(): Promise<ProgramEnd>;
  /** After its end: the same node or runner again. @param root another build of roc */
  restart(root?: string): Promise<void>;
}

export interface Node extends Member {
  /** Past the load balancer. */
  readonly url: string;
}

/** Longer than a node takes to end by itself (`stopWithinSeconds`). */
const END_WITHIN_MS = 60_000;

type Start = (root: string | undefined) => Program;

export async function startMember(name: string, start: Start, readyUrl: string | null): Promise<Member> {
  let root: string | undefined;
  let program = start(root);
  const ready = async () => {
    if (readyUrl === null) return;
    await Promise.race([
      until(`${name} is ready`, async () => (await fetch(readyUrl)).ok, { timeoutMs: 90_000 }),
      program.ended.then(() => {
        throw new TypeError(`${name} did not start: ${program.stdout()}${program.stderr()}`);
      }),
    ]);
  };
  await ready();
  return {
    name,
    get program() {
      return program;
    },
    kill: async () => {
      await program.stop('SIGKILL');
    },
    end: () => program.stop('SIGTERM', END_WITHIN_MS),
    restart: async (other = root) => {
      root = other;
      program = start(root);
      await ready();
    },
  };
}

export async function startNode(name: string, start: (port: number) => Start): Promise<Node> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const member = await startMember(name, start(port), `${url}/readyz`);
  return {
    ...{ name, url, kill: member.kill, end: member.end, restart: member.restart },
    get program() {
      return member.program;
    },
  };
}
