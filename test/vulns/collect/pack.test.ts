import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacker } from '../../../src/vulns/collect/pack.js';
import { unpack } from '../../../src/vulns/collect/unpack.js';
import type { Observation } from '../../../src/vulns/model.js';
import { anyObservation } from '../arbitraries.js';

const packer = createPacker();

/** Packs them one after another at an odd place, and reads them back. */
function thereAndBack(observations: readonly Observation[]): Observation[] {
  const places: [number, number][] = [];
  let block = Buffer.alloc(3);
  for (const observation of observations) {
    packer.pack(observation);
    const at = block.length;
    const grown = Buffer.concat([block, Buffer.alloc(packer.bound)]);
    const end = packer.write(grown, at);
    expect(end - at).toBeLessThanOrEqual(packer.bound);
    places.push([at, end]);
    block = grown.subarray(0, end);
  }
  return places.map(([start, end]) => unpack(block, start, end));
}

describe('a packed observation', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { minLength: 1, maxLength: 4 }), (observations) => {
        expect(thereAndBack(observations)).toEqual(observations);
      }),
    );
  });

  it.each([
    ['a text of 70,000 characters', { title: 'é'.repeat(70_000) }],
    ['a text of 65,535 characters', { title: 'x'.repeat(65_535) }],
    ['a list of 1,000', { aliases: Array.from({ length: 1000 }, (_, i) => `CVE-2024-${i}`) }],
    ['empty lists', { aliases: [], alsoIn: [], cvss: [] }],
  ])('comes back with %s', (_, part) => {
    const [observation] = fc.sample(anyObservation, 1);
    const odd = { ...observation, ...part } as Observation;
    expect(thereAndBack([odd])).toEqual([odd]);
  });
});
