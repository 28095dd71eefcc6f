import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinTracks } from '../../../src/vulns/collect/join-rows.js';
import { createPacker } from '../../../src/vulns/collect/pack.js';
import { createRowIndex } from '../../../src/vulns/collect/row-index.js';
import { createSpool, PARTITIONS, partitionOf, type SpoolPart } from '../../../src/vulns/collect/spool.js';
import { keysOf } from '../../../src/vulns/keys.js';
import type { Observation } from '../../../src/vulns/model.js';
import { createScratchFiles } from '../../../src/vulns/scratch-files.js';
import { anyObservation } from '../arbitraries.js';

/** Few resources and problems, so that many observations meet under one key. */
const anyMeeting = fc
  .tuple(anyObservation, fc.nat(2), fc.nat(2), fc.constantFrom(undefined, 'sha256:aa11', 'sha256:bb22'))
  .map(
    ([o, cve, repo, digest]): Observation => ({
      ...o,
      lane: 'vuln',
      cve: `CVE-2024-${cve}`,
      package: undefined,
      resource: { ...o.resource, account: '1', registry: undefined, repo: `r${repo}`, digest },
    }),
  );

/** All findings, in order, after the observations went through so many spools. */
function joined(observations: readonly Observation[], writers: number, memoryBytes: number): unknown[] {
  const scratch = createScratchFiles();
  try {
    const spools = Array.from({ length: writers }, () => createSpool({ scratch, memoryBytes }));
    const packer = createPacker();
    observations.forEach((o, i) => {
      const { key, trackKey } = keysOf(o);
      packer.pack(o);
      spools[i % writers]?.add(partitionOf(trackKey), key, packer);
    });
    return inOrder(spools.flatMap((spool) => spool.finish()));
  } finally {
    scratch.close();
  }
}

function inOrder(parts: readonly SpoolPart[]): unknown[] {
  const rows = createRowIndex();
  const found: unknown[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const here = parts.filter((part) => part.partition === partition);
    if (here.length === 0) continue;
    rows.load(here, new Map());
    for (const [track, findings] of joinTracks(rows, [])) found.push([track, JSON.stringify(findings)]);
  }
  return found;
}

describe('what was spooled comes back as the same findings', () => {
  it('in any order, from any number of writers, from memory and from disk', () => {
    fc.assert(
      fc.property(
        fc.array(anyMeeting, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.func(fc.nat()),
        (observations, writers, rank) => {
          const expected = joined(observations, 1, 1e9);
          const shuffled = [...observations].sort((a, b) => rank(a) - rank(b));
          expect(joined(shuffled, writers, 1e9)).toEqual(expected);
          expect(joined(shuffled, writers, 0)).toEqual(expected);
          // The same records twice say nothing new.
          expect(joined([...observations, ...shuffled], writers, 0)).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives partitions in the order of keys, each track once', () => {
    const tracks = joined(fc.sample(anyMeeting, 60), 2, 0).map((row) => (row as [string])[0]);
    expect(tracks).toEqual([...new Set(tracks)].sort());
  });
});

describe('scratch files', () => {
  it('have no name, so that a crash leaves none', () => {
    const scratch = createScratchFiles();
    const before = new Set(readdirSync(tmpdir()));
    scratch.create();
    const after = readdirSync(tmpdir()).filter((name) => !before.has(name) && /^roc-[0-9a-f]{8}-/.test(name));
    scratch.close();
    expect(after).toEqual([]);
  });

  it('say what to do when no file can be made', () => {
    const kept = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/nonexistent/folder';
    try {
      expect(() => createScratchFiles().create()).toThrow(
        expect.objectContaining({ code: 'ROC_DATA_DIR_UNUSABLE', hint: expect.stringContaining('TMPDIR') }),
      );
    } finally {
      if (kept === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = kept;
    }
  });
});
