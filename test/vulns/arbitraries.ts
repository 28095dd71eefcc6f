/** Any observation and any finding, for properties. */
import fc from 'fast-check';
import {
  ACTIONS,
  EXPLOITS,
  EXPOSURES,
  FIX_STATES,
  type Finding,
  LANES,
  type Observation,
  SEVERITIES,
  STATES,
  TOOLS,
} from '../../src/vulns/model.js';

/** Text as hostile files have it; no lone surrogates, which JSON in UTF-8 cannot carry. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme-ascii' }),
  fc.constantFrom('', '"', '\\', '\u0000', 'é', '💥', '</script>', 'a'.repeat(300)),
);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const anyInstant = fc.integer({ min: 631_152_000_000, max: 4_102_444_800_000 });
const anyShare = fc.double({ min: 0, max: 1, noNaN: true });

const anyPackage = fc.record({
  name: anyText,
  version: maybe(anyText),
  fixedIn: maybe(anyText),
  ecosystem: maybe(anyText),
  path: maybe(anyText),
  layer: maybe(anyText),
  purl: maybe(anyText),
});

export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  lane: fc.constantFrom(...LANES),
  tool: fc.constantFrom(...TOOLS),
  sourceId: anyText,
  file: anyText,
  status: fc.constantFrom('active', 'closed', 'suppressed'),
  title: anyText,
  severity: fc.constantFrom(...SEVERITIES),
  severitySource: anyText,
  arn: maybe(anyText),
  cve: maybe(anyText),
  advisory: maybe(anyText),
  aliases: maybe(fc.array(anyText)),
  control: maybe(anyText),
  kind: maybe(anyText),
  vector: maybe(anyText),
  cvss: maybe(fc.array(fc.double({ min: 0, max: 10, noNaN: true }).map((score) => score + 0))),
  epss: maybe(anyShare),
  percentile: maybe(anyShare),
  kev: maybe(fc.record({ dateAdded: maybe(anyText), ransomware: maybe(fc.boolean()) })),
  exploit: maybe(fc.constantFrom(...EXPLOITS)),
  fix: fc.constantFrom(...FIX_STATES),
  resource: fc.record({
    type: anyText,
    id: anyText,
    account: maybe(anyText),
    region: maybe(anyText),
    registry: maybe(anyText),
    repo: maybe(anyText),
    digest: maybe(anyText),
    imageTags: maybe(fc.array(anyText)),
    tags: maybe(fc.array(fc.tuple(anyText, anyText))),
    inUseCount: maybe(fc.nat()),
    lastInUseAt: maybe(anyInstant),
  }),
  package: maybe(anyPackage),
  alsoIn: maybe(fc.array(anyPackage)),
  proves: maybe(fc.record({ exposure: fc.constantFrom('public', 'private'), why: anyText })),
  attackSequence: maybe(fc.boolean()),
  firstSeen: maybe(anyInstant),
  lastSeen: maybe(anyInstant),
});

export const anyFinding: fc.Arbitrary<Finding> = fc.record({
  key: anyText,
  lane: fc.constantFrom(...LANES),
  ids: fc.record({
    cve: orNull(anyText),
    arn: orNull(anyText),
    advisory: maybe(anyText),
    control: maybe(anyText),
    kind: maybe(anyText),
  }),
  title: anyText,
  severity: fc.constantFrom(...SEVERITIES),
  severitySource: anyText,
  score: fc.double({ min: 0, max: 100, noNaN: true }),
  epss: orNull(anyShare),
  kev: orNull(fc.boolean()),
  exploit: fc.constantFrom(...EXPLOITS),
  fix: fc.constantFrom(...FIX_STATES),
  remedy: anyText,
  decision: fc.record({
    action: fc.constantFrom(...ACTIONS),
    days: orNull(fc.nat()),
    dueAt: orNull(anyText),
    overdue: fc.boolean(),
    basis: fc.constantFrom('table', 'sla', 'none'),
    row: orNull(fc.nat()),
    reasons: fc.array(anyText),
  }),
  resource: fc.record({
    type: anyText,
    id: anyText,
    account: orNull(anyText),
    region: orNull(anyText),
    repo: orNull(anyText),
    digest: orNull(anyText),
  }),
  package: orNull(
    fc.record({
      name: anyText,
      version: orNull(anyText),
      fixedIn: orNull(anyText),
      path: maybe(anyText),
      layer: maybe(anyText),
      purl: maybe(anyText),
    }),
  ),
  exposure: fc.constantFrom(...EXPOSURES),
  owner: orNull(anyText),
  firstSeen: orNull(anyText),
  lastSeen: orNull(anyText),
  state: fc.constantFrom(...STATES),
  suppression: maybe(
    fc.record({
      id: anyText,
      status: anyText,
      justification: orNull(anyText),
      reason: anyText,
      by: anyText,
      since: anyText,
      expires: anyText,
    }),
  ),
  sources: fc.array(fc.record({ tool: fc.constantFrom(...TOOLS), id: anyText, file: anyText })),
});
