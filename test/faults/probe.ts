/** Somebody who asks each node, past the load balancer, whether it lives and what jobs there are, all the time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from './members.js';

export interface Probe {
  /** @returns answers that a node must not give, each once */
  stop(): Promise<string[]>;
}

const EVERY_MS = 100;

/** @param token of somebody who may see jobs */
export function watchNodes(nodes: readonly Node[], token: () => Promise<string>): Probe {
  const problems = new Set<string>();
  let isOver = false;
  const watch = async ({ name, url }: Node) => {
    const bearer = await token();
    while (!isOver) {
      for (const problem of await Promise.all([life(url), work(url, bearer)]))
        if (problem !== null) problems.add(`${name}: ${problem}`);
      await sleep(EVERY_MS);
    }
  };
  const watching = Promise.all(nodes.map(watch));
  watching.catch(() => {});
  return {
    stop: async () => {
      isOver = true;
      await watching;
      return [...problems];
    },
  };
}

/** A load balancer would replace a node that does not answer this. */
async function life(url: string): Promise<string | null> {
  const answer = await ask(`${url}/healthz`);
  return answer?.status === 200 ? null : `/healthz gave ${answer?.status ?? 'no answer'}`;
}

async function work(url: string, bearer: string): Promise<string | null> {
  const answer = await ask(`${url}/api/v1/jobs?limit=1`, { authorization: `Bearer ${bearer}` });
  if (answer === null) return 'no answer to a request';
  if (answer.status === 200) return null;
  if (answer.status !== 503) return `a request gave ${answer.status}`;
  return answer.headers.has('retry-after') ? null : '503 without Retry-After';
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response | null> {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(35_000) });
    await answer.arrayBuffer();
    return answer;
  } catch {
    return null;
  }
}
