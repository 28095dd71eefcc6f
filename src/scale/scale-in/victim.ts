/** Which instance goes when one goes: of the zone with the most, the one that is missed the least. Pure. */
import type { Group, GroupInstance } from '../group/facts.js';
import type { Node } from '../group/nodes.js';

export interface VictimInput {
  readonly group: Group;
  /** Null where servers are not asked (`rails.drainJobs: false`). */
  readonly nodes: readonly Node[] | null;
  /** CPU credits by instance; an instance without a number is not in it. */
  readonly credits: ReadonlyMap<string, number>;
  /** The instance this controller runs on; null outside of the group. */
  readonly self: string | null;
  readonly perAz: number;
}

export type Victim =
  | { readonly instance: GroupInstance; readonly why: string }
  /** Nobody goes. */
  | { readonly instance: null; readonly why: string; readonly isSelf: boolean };

/**
 * The zone with the most instances, so that AWS has nothing to rebalance; there the lowest credit balance (what it has
 * is lost with it), the fewest held calls, the oldest launch template, and last the id.
 */
export function chooseVictim(input: VictimInput): Victim {
  const { group, self, perAz, nodes } = input;
  const serving = group.instances.filter(({ lifecycle }) => lifecycle === 'InService');
  const sizes = zoneSizes(group);
  const most = Math.max(0, ...sizes.values());
  if (most <= perAz) return nobody(`every zone has ${most} and ${perAz} are to stay in each`);
  const crowded = serving.filter(({ zone }) => sizes.get(zone) === most);
  const free = crowded.filter(({ isProtected }) => !isProtected);
  if (free.length === 0) return nobody(`every instance of the fullest zone is protected from scale-in`);
  const known = nodes === null ? free : free.filter(({ id }) => isKnown(nodes, id));
  if (known.length === 0)
    return nobody(
      `not one server alone is known on ${free.map(({ id }) => id).join(', ')}: set server.instanceId there`,
    );
  const working = nodes === null ? known : known.filter(({ id }) => isWorking(nodes, id));
  if (working.length === 0)
    return nobody(
      `the server on ${known.map(({ id }) => id).join(', ')} is at rest already: \`roc nodes resume NODE\``,
    );
  const [first] = working.filter(({ id }) => id !== self).sort((a, b) => compare(a, b, input));
  if (first === undefined)
    return { instance: null, why: `only ${self} could go, which this controller runs on`, isSelf: true };
  return { instance: first, why: whyThis(first, most, input) };
}

function nobody(why: string): Victim {
  return { instance: null, why, isSelf: false };
}

// Those that are on their way count: the zone is as full as it will be.
function zoneSizes({ instances }: Group): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { zone, lifecycle } of instances)
    if (/^(Pending|InService)/.test(lifecycle)) sizes.set(zone, (sizes.get(zone) ?? 0) + 1);
  return sizes;
}

// Where two say that they run there, one would be told to rest, and the other's calls would end with it.
function isKnown(nodes: readonly Node[], id: string): boolean {
  return nodes.filter(({ instanceId, state }) => instanceId === id && state !== 'gone').length === 1;
}

// What somebody else has told to rest is theirs: all that rests in a scale-in was put to rest by it, and may be woken.
function isWorking(nodes: readonly Node[], id: string): boolean {
  return nodes.every(({ instanceId, state }) => instanceId !== id || state !== 'draining');
}

function compare(a: GroupInstance, b: GroupInstance, { credits, nodes }: VictimInput): number {
  const balance = (one: GroupInstance) => credits.get(one.id) ?? Number.MAX_SAFE_INTEGER;
  return (
    balance(a) - balance(b) ||
    heldBy(nodes, a.id) - heldBy(nodes, b.id) ||
    (a.templateVersion ?? 0) - (b.templateVersion ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

function heldBy(nodes: readonly Node[] | null, id: string): number {
  const own = (nodes ?? []).filter(({ instanceId, state }) => instanceId === id && state !== 'gone');
  return own.reduce((sum, { held }) => sum + held, 0);
}

function whyThis({ id, zone }: GroupInstance, most: number, { credits, nodes }: VictimInput): string {
  const balance = credits.get(id);
  const words = [
    `${zone} has the most (${most})`,
    ...(balance === undefined ? [] : [`${balance} CPU credits`]),
    ...(nodes === null ? [] : [`holds ${heldBy(nodes, id)} calls`]),
  ];
  return words.join(', ');
}
