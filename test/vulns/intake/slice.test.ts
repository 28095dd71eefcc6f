import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/vulns/intake/batch.js';
import { containerOf } from '../../../src/vulns/intake/containers.js';
import { createSlicer } from '../../../src/vulns/intake/slice.js';
import { createDocumentWalker } from '../../../src/vulns/intake/walk.js';
import type { Problem } from '../../../src/vulns/model.js';

interface Sliced {
  records: string[];
  offsets: number[];
  problems: Problem[];
}

function collect() {
  const out: Sliced = { records: [], offsets: [], problems: [] };
  const batch = async ({ bytes, base, spans, context }: Batch): Promise<void> => {
    const add = (start: number, end: number): void => {
      const text = bytes.toString('utf8', start, end);
      if (text.trim() === '') return;
      out.offsets.push(base + start);
      out.records.push(context === null ? text.trim() : context.before + text + context.after);
    };
    if (spans !== null) {
      for (let i = 0; i < spans.length; i += 2) add(spans[i]!, spans[i + 1]!);
      return;
    }
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      add(start, end);
      start = end + 1;
    }
    add(start, bytes.length);
  };
  return { out, sink: { batch, problem: (p: Problem) => void out.problems.push(p) } };
}

async function slice(bytes: Buffer, cuts: readonly number[]): Promise<Sliced> {
  const { out, sink } = collect();
  const slicer = createSlicer('f', sink);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  for (let i = 1; i < places.length; i++)
    await slicer.push(Buffer.from(bytes.subarray(places[i - 1], places[i])));
  await slicer.end();
  return out;
}

const anyRecord = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
const anyCuts = fc.array(fc.nat(), { maxLength: 8 });

describe('the slicer gives every record once, wherever the bytes are cut', () => {
  const shapes: Record<string, (records: string[]) => string> = {
    'JSON Lines': (records) => records.map((r) => `${r}\n`).join(''),
    'JSON Lines without a last line end': (records) => records.join('\n'),
    'JSON Lines with CRLF': (records) => records.map((r) => `${r}\r\n`).join(''),
    array: (records) => `[${records.join(',')}]`,
    'array over lines': (records) => `[\n  ${records.join(',\n  ')}\n]\n`,
    'objects in a row': (records) => records.join(''),
    'objects in a row over lines': (records) =>
      records.map((r) => JSON.stringify(JSON.parse(r), null, 2)).join('\n'),
  };
  it.each(Object.entries(shapes))('%s', async (_, shape) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 1, maxLength: 6 }),
        anyCuts,
        async (records, cuts) => {
          const bytes = Buffer.from(shape(records));
          const out = await slice(bytes, cuts);
          expect(out.problems).toEqual([]);
          expect(out.records.map((r) => JSON.parse(r))).toEqual(records.map((r) => JSON.parse(r)));
          for (const [i, offset] of out.offsets.entries())
            expect(bytes.toString('utf8', offset).trimStart().startsWith(out.records[i]!)).toBe(true);
        },
      ),
    );
  });
});

describe('a walked document', () => {
  const pieces = (text: string, size: number) => {
    const bytes = Buffer.from(text);
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
  };
  async function walk(document: unknown, size: number, cut = 0): Promise<Sliced> {
    const text = JSON.stringify(document);
    const { out, sink } = collect();
    const walker = createDocumentWalker('f', containerOf(text), sink);
    let base = 0;
    let end = -1;
    for (const piece of pieces(cut === 0 ? text : text.slice(0, cut), size)) {
      end = await walker.push(Buffer.from(piece), base);
      base += piece.length;
    }
    if (end === -1) await walker.end();
    return out;
  }
  const ecr = {
    imageScanFindings: {
      findings: [{ name: 'CVE-1' }, { name: 'CVE-2' }],
      enhancedFindings: [{ title: 'a"]}' }],
    },
    registryId: '1',
    repositoryName: 'r',
  };

  it.each([1, 3, 7, 1000])('gives records with what follows them, %i bytes at a time', async (size) => {
    const out = await walk(ecr, size);
    expect(out.records.map((r) => JSON.parse(r))).toEqual([
      { registryId: '1', repositoryName: 'r', imageScanFindings: { findings: [{ name: 'CVE-1' }] } },
      { registryId: '1', repositoryName: 'r', imageScanFindings: { findings: [{ name: 'CVE-2' }] } },
      { registryId: '1', repositoryName: 'r', imageScanFindings: { enhancedFindings: [{ title: 'a"]}' }] } },
    ]);
    expect(out.problems).toEqual([]);
  });

  it('gives each record the parent it stands in', async () => {
    const out = await walk(
      {
        ArtifactName: 'x',
        Results: [
          { Target: 'a', Vulnerabilities: [{ n: 1 }, { n: 2 }] },
          { Target: 'b', Vulnerabilities: [{ n: 3 }] },
        ],
      },
      5,
    );
    expect(out.records.map((r) => JSON.parse(r))).toEqual([
      { ArtifactName: 'x', Results: [{ Target: 'a', Vulnerabilities: [{ n: 1 }] }] },
      { ArtifactName: 'x', Results: [{ Target: 'a', Vulnerabilities: [{ n: 2 }] }] },
      { ArtifactName: 'x', Results: [{ Target: 'b', Vulnerabilities: [{ n: 3 }] }] },
    ]);
  });

  it('keeps what was whole before the input was cut off, and says where', async () => {
    const text = JSON.stringify(ecr);
    const out = await walk(ecr, 10, text.indexOf('CVE-2') + 3);
    expect(out.records).toHaveLength(1);
    expect(out.problems).toMatchObject([{ kind: 'truncated', offset: text.indexOf('{"name":"CVE-2"') }]);
  });
});
