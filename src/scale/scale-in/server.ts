/** The server on an instance that goes: finding it, and having it take work again where the instance stays. */
import { isRocError } from '../../kernel/errors.js';
import type { Node } from '../group/nodes.js';
import type { ScaleIn } from '../lease/record.js';
import type { DrainParts } from './progress.js';

/**
 * The server that runs there now: one that started anew is another one. None at all has stopped by itself and holds
 * nothing; one that is silent may hold anything.
 */
export async function findServer(
  { nodes }: Pick<DrainParts, 'nodes'>,
  { instanceId, restsServer }: ScaleIn,
): Promise<{ readonly node: Node | null; readonly isSilent: boolean }> {
  if (!restsServer) return { node: null, isSilent: false };
  const there = (await nodes.list()).filter((node) => node.instanceId === instanceId);
  const node = there.find(({ state }) => state !== 'gone') ?? null;
  return { node, isSilent: node === null && there.length > 0 };
}

/**
 * Tells it to take work again, also where it is silent: it learns that when it is heard of.
 * @returns what is to be added to what is said; empty where there is nothing to add
 */
export async function resumeServer(parts: DrainParts, operation: ScaleIn): Promise<string> {
  const { instanceId, restsServer } = operation;
  if (!restsServer) return '';
  const there = (await parts.nodes.list()).filter((node) => node.instanceId === instanceId);
  const resting = there.filter((node) => node.state === 'draining' || mayRest(operation, node));
  for (const { id } of resting) {
    parts.guard();
    await parts.nodes.resume(id).catch(forgotten);
  }
  const isSilent = resting.length > 0 && there.every(({ state }) => state === 'gone');
  return isSilent ? '; its server is silent, and takes work as soon as it is heard of' : '';
}

// A silent one does not say whether it rests: it does where it was told to, or where nobody wrote down whether it was.
function mayRest({ beats }: ScaleIn, { id, state }: Node): boolean {
  return state === 'gone' && (beats === null || beats.node === id);
}

// What the installation has forgotten comes back as a new one, which does not rest.
function forgotten(error: unknown): void {
  if (!isRocError(error) || error.code !== 'ROC_NOT_FOUND') throw error;
}
