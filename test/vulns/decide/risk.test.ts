import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { riskScore } from '../../../src/vulns/decide/risk.js';
import { SEVERITIES } from '../../../src/vulns/model.js';

const base = { severity: 'high', cvss: [7.5], epss: null, inKev: false, ransomware: false } as const;

describe('the risk formula', () => {
  // The vectors of grype/vulnerability/metadata_test.go that have a threat value.
  it.each([
    ['EPSS, no KEV', { ...base, epss: 0.5 }, 37.5],
    ['KEV, no EPSS', { ...base, inKev: true }, 78.75],
    ['KEV used by ransomware', { ...base, inKev: true, ransomware: true }, 82.5],
    ['severity word only', { ...base, severity: 'critical', cvss: [], epss: 0.8 }, 72],
    ['several scores and a word', { ...base, severity: 'medium', cvss: [6.5, 5.5], epss: 0.6 }, 33],
    ['a score of zero does not count', { ...base, severity: 'medium', cvss: [0, 6], epss: 0.4 }, 22],
    ['unknown severity', { ...base, severity: 'unknown', cvss: [], epss: 0.3 }, 15],
    ['clamped', { ...base, severity: 'critical', cvss: [10], inKev: true, ransomware: true }, 100],
    ['EPSS of zero is known, not missing', { ...base, epss: 0 }, 0],
  ] as const)('%s', (_, facts, score) => expect(riskScore(facts)).toEqual({ score, assumed: false }));

  it('assumes a prior where EPSS is missing, and says so', () => {
    expect(riskScore(base)).toEqual({ score: 2.25, assumed: true });
  });

  it('is total and never falls when a fact gets worse', () => {
    const facts = fc.record({
      severity: fc.constantFrom(...SEVERITIES),
      cvss: fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 3 }),
      epss: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      inKev: fc.boolean(),
      ransomware: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, (f) => {
        const { score } = riskScore(f);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(riskScore({ ...f, inKev: true, ransomware: true }).score).toBeGreaterThanOrEqual(score);
        if (f.epss !== null) expect(riskScore({ ...f, epss: 1 }).score).toBeGreaterThanOrEqual(score);
      }),
    );
  });
});
