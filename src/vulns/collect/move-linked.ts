/** Brings rows whose key joined another into the partition of the key that stands for them. */
import { createSpool, eachFrame, partitionOf, readPart, type SpoolPart } from './spool.js';

/** @returns the parts with the moved rows added; the originals are passed over when they are read */
export function moveLinked(
  parts: readonly SpoolPart[],
  links: ReadonlyMap<string, string>,
  options: { dir: string; memoryBytes: number },
): readonly SpoolPart[] {
  if (links.size === 0) return parts;
  const affected = new Set([...links.keys()].map((key) => partitionOf(key)));
  const spool = createSpool({ ...options, name: 'moved' });
  for (const part of parts) {
    if (!affected.has(part.partition)) continue;
    eachFrame(readPart(part), (key, payload) => {
      const target = links.get(key);
      if (target !== undefined) spool.add(partitionOf(target), target, payload());
    });
  }
  return [...parts, ...spool.finish()];
}
