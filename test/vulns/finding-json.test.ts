import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../src/kernel/time.js';
import { findingJson } from '../../src/vulns/finding-json.js';
import { fastIsoTime } from '../../src/vulns/iso-time.js';
import type { Finding } from '../../src/vulns/model.js';
import { anyFinding } from './arbitraries.js';

describe('the fast ways give what the ordinary ones give', () => {
  it('writes any finding as JSON.stringify does', () => {
    fc.assert(
      fc.property(anyFinding, (finding) => {
        expect(findingJson(finding)).toBe(JSON.stringify(finding));
      }),
    );
  });

  it('writes plain findings by parts, and those are the same too', () => {
    const plain = anyFinding.map(
      (finding) =>
        JSON.parse(JSON.stringify(finding).replaceAll(/\\u[0-9a-f]{4}|\\.|[^ -~]/g, '_')) as Finding,
    );
    fc.assert(
      fc.property(plain, (finding) => {
        expect(findingJson(finding)).toBe(JSON.stringify(finding));
      }),
    );
  });

  it('writes any instant as isoTime does', () => {
    const anyMs = fc.integer({ min: -62_135_596_800_000, max: 8.64e15 });
    fc.assert(
      fc.property(anyMs, (ms) => {
        expect(fastIsoTime(ms)).toBe(isoTime(ms));
      }),
    );
  });
});
