/** One ARN seen under two keys is one finding: the poorer key's rows move to the richer one. */
import { hash } from 'node:crypto';
import type { Observation } from '../model.js';
import { richness } from './merge.js';
import { createSpool, eachFrame, PARTITIONS, type Spool, type SpoolPart } from './spool.js';

/** Notes which ARN was seen under which key. */
export function noteLink(spool: Spool, observation: Observation, key: string): void {
  if (observation.arn === undefined) return;
  const name = hash('sha1', observation.arn, 'hex').slice(0, 16);
  spool.add(
    Number.parseInt(name.slice(0, 2), 16) % PARTITIONS,
    key,
    `${name}${String.fromCharCode(97 + richness(observation))}`,
  );
}

export function createLinkSpool(dir: string, name: string, memoryBytes: number): Spool {
  return createSpool({ dir, name: `link-${name}`, memoryBytes });
}

/**
 * Finds the keys that must join, one partition of ARNs at a time.
 * @returns from each poorer key to the key that stands for all
 */
export function findLinks(
  parts: readonly SpoolPart[],
  readPart: (part: SpoolPart) => Buffer,
): Map<string, string> {
  const groups = createGroups();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const firstOf = new Map<string, string>();
    for (const part of parts) {
      if (part.partition !== partition) continue;
      eachFrame(readPart(part), (key, payload) => {
        const text = payload();
        const arn = text.slice(0, 16);
        const known = firstOf.get(arn);
        if (known === undefined) firstOf.set(arn, `${text.slice(16)}${key}`);
        else if (known.slice(1) !== key) groups.join(known, `${text.slice(16)}${key}`);
      });
    }
  }
  return groups.roots();
}

interface Groups {
  join(a: string, b: string): void;
  roots(): Map<string, string>;
}

/** Union-find over ranked keys (`rank letter` + key); the highest rank, then the smallest key, stands for a group. */
function createGroups(): Groups {
  const parents = new Map<string, string>();
  const ranks = new Map<string, string>();

  function rootOf(key: string): string {
    let root = key;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
    return root;
  }

  function stands(a: string, b: string): boolean {
    const [rankA = '', rankB = ''] = [ranks.get(a), ranks.get(b)];
    return rankA === rankB ? a < b : rankA > rankB;
  }

  function note(ranked: string): string {
    const key = ranked.slice(1);
    const rank = ranked.slice(0, 1);
    if ((ranks.get(key) ?? '') < rank) ranks.set(key, rank);
    return key;
  }

  return {
    join(a, b) {
      const [x, y] = [rootOf(note(a)), rootOf(note(b))];
      if (x === y) return;
      if (stands(x, y)) parents.set(y, x);
      else parents.set(x, y);
    },
    // Ranks may have risen after a join, so who stands for a group is settled at the end.
    roots() {
      const members = new Map<string, string[]>();
      for (const key of ranks.keys()) {
        const root = rootOf(key);
        members.set(root, [...(members.get(root) ?? []), key]);
      }
      const result = new Map<string, string>();
      for (const keys of members.values()) {
        const best = keys.reduce((a, b) => (stands(b, a) ? b : a));
        for (const key of keys) if (key !== best) result.set(key, best);
      }
      return result;
    },
  };
}
