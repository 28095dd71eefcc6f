/** Brings rows whose key joined another into the partition of the key that stands for them. */
import type { ScratchFiles } from '../scratch-files.js';
import type { Payload } from './pack.js';
import { createSpool, eachRow, partitionOf, readPart, type SpoolPart } from './spool.js';

/** @returns the parts with the moved rows added; the originals are passed over when they are read */
export function moveLinked(
  parts: readonly SpoolPart[],
  links: ReadonlyMap<string, string>,
  options: { scratch: ScratchFiles; memoryBytes: number },
): readonly SpoolPart[] {
  if (links.size === 0) return parts;
  const affected = new Set([...links.keys()].map((key) => partitionOf(key)));
  const spool = createSpool(options);
  for (const part of parts) {
    if (!affected.has(part.partition)) continue;
    const bytes = readPart(part, Buffer.allocUnsafeSlow(part.bytesOnDisk));
    eachRow(bytes, (key, start, end) => {
      const target = links.get(bytes.toString('latin1', key, start));
      if (target !== undefined) spool.add(partitionOf(target), target, copyOf(bytes, start, end));
    });
  }
  return [...parts, ...spool.finish()];
}

function copyOf(bytes: Buffer, start: number, end: number): Payload {
  return { bound: end - start, write: (block, at) => at + bytes.copy(block, at, start, end) };
}
