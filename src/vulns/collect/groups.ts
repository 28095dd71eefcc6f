/** Groups of keys that are one finding: union-find, with the richest key to stand for each group. */

export interface RankedKey {
  readonly key: string;
  readonly rank: number;
}

export interface Groups {
  join(a: RankedKey, b: RankedKey): void;
  /** From each key that does not stand for its group to the one that does. */
  roots(): Map<string, string>;
}

/** The highest rank stands for a group; of equal ranks the smallest key. */
export function createGroups(): Groups {
  const parents = new Map<string, string>();
  const ranks = new Map<string, number>();

  function rootOf(key: string): string {
    let root = key;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
    // Shortens the way for the next question.
    for (let at = key; at !== root; ) {
      const up = parents.get(at) ?? root;
      parents.set(at, root);
      at = up;
    }
    return root;
  }

  function stands(a: string, b: string): boolean {
    const [rankA = -1, rankB = -1] = [ranks.get(a), ranks.get(b)];
    return rankA === rankB ? a < b : rankA > rankB;
  }

  function note({ key, rank }: RankedKey): string {
    if ((ranks.get(key) ?? -1) < rank) ranks.set(key, rank);
    return key;
  }

  return {
    join(a, b) {
      const [x, y] = [rootOf(note(a)), rootOf(note(b))];
      if (x !== y) parents.set(y, x);
    },
    // Ranks may rise after a join, so who stands for a group is settled at the end.
    roots() {
      const members = new Map<string, string[]>();
      for (const key of ranks.keys()) {
        const list = members.get(rootOf(key));
        if (list === undefined) members.set(rootOf(key), [key]);
        else list.push(key);
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
