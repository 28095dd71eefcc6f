/** Observations as short JSON lists for the spool: no member names to write, and one shape of object to read back. */
import type { Merged, Observation, PackageRef, ResourceRef } from '../model.js';

type Cell = unknown;

export function encodeObservation(o: Observation): string {
  const r = o.resource;
  const p = o.package;
  const cells: Cell[] = [
    o.lane,
    o.tool,
    o.sourceId === o.arn ? 0 : o.sourceId,
    o.file,
    o.status,
    o.title,
    o.severity,
    o.severitySource,
    o.arn,
    o.cve,
    o.advisory,
    o.aliases,
    o.control,
    o.kind,
    o.vector,
    o.cvss,
    o.epss,
    o.percentile,
    o.kev,
    o.exploit,
    o.fix,
    o.alsoIn,
    o.proves,
    o.attackSequence,
    o.firstSeen,
    o.lastSeen,
    r.type,
    r.id,
    r.account,
    r.region,
    r.registry,
    r.repo,
    r.digest,
    r.imageTags,
    r.tags,
    r.inUseCount,
    r.lastInUseAt,
  ];
  if (p !== undefined) cells.push(p.name, p.version, p.fixedIn, p.ecosystem, p.path, p.layer, p.purl);
  return JSON.stringify(cells);
}

const PACKAGE_AT = 37;

/** The observation again; what was undefined is undefined, not null. */
export function decodeObservation(text: string): Observation {
  // What encodeObservation wrote, and nothing else, is read here.
  const cells = JSON.parse(text) as unknown[];
  const at = <T>(i: number): T | undefined => (cells[i] as T | null) ?? undefined;
  const must = <T>(i: number): T => cells[i] as T;
  const arn = at<string>(8);
  const sourceId = must<string | 0>(2);
  return {
    lane: must<Observation['lane']>(0),
    tool: must<Observation['tool']>(1),
    sourceId: sourceId === 0 ? (arn ?? '') : sourceId,
    file: must<string>(3),
    status: must<Observation['status']>(4),
    title: must<string>(5),
    severity: must<Observation['severity']>(6),
    severitySource: must<string>(7),
    arn,
    cve: at(9),
    advisory: at(10),
    aliases: at(11),
    control: at(12),
    kind: at(13),
    vector: at(14),
    cvss: at(15),
    epss: at(16),
    percentile: at(17),
    kev: at(18),
    exploit: at(19),
    fix: must<Observation['fix']>(20),
    alsoIn: at(21),
    proves: at(22),
    attackSequence: at(23),
    firstSeen: at(24),
    lastSeen: at(25),
    resource: decodeResource(cells),
    package: cells.length > PACKAGE_AT ? decodePackage(cells) : undefined,
  };
}

function decodeResource(cells: unknown[]): ResourceRef {
  const at = <T>(i: number): T | undefined => (cells[i] as T | null) ?? undefined;
  return {
    type: cells[26] as string,
    id: cells[27] as string,
    account: at(28),
    region: at(29),
    registry: at(30),
    repo: at(31),
    digest: at(32),
    imageTags: at(33),
    tags: at(34),
    inUseCount: at(35),
    lastInUseAt: at(36),
  };
}

function decodePackage(cells: unknown[]): PackageRef {
  const at = <T>(i: number): T | undefined => (cells[i] as T | null) ?? undefined;
  return {
    name: cells[PACKAGE_AT] as string,
    version: at(PACKAGE_AT + 1),
    fixedIn: at(PACKAGE_AT + 2),
    ecosystem: at(PACKAGE_AT + 3),
    path: at(PACKAGE_AT + 4),
    layer: at(PACKAGE_AT + 5),
    purl: at(PACKAGE_AT + 6),
  };
}

/** A single observation as the finding it is: the same members in the same order, so that one shape serves all. */
export function soleMerged(key: string, trackKey: string, o: Observation): Merged {
  return {
    key,
    trackKey,
    sources: [{ tool: o.tool, id: o.sourceId, file: o.file }],
    lane: o.lane,
    status: o.status,
    title: o.title,
    severity: o.severity,
    severitySource: o.severitySource,
    arn: o.arn,
    cve: o.cve,
    advisory: o.advisory,
    aliases: o.aliases,
    control: o.control,
    kind: o.kind,
    vector: o.vector,
    cvss: o.cvss,
    epss: o.epss,
    percentile: o.percentile,
    kev: o.kev,
    exploit: o.exploit,
    fix: o.fix,
    resource: o.resource,
    package: o.package,
    alsoIn: o.alsoIn,
    proves: o.proves,
    attackSequence: o.attackSequence,
    firstSeen: o.firstSeen,
    lastSeen: o.lastSeen,
  };
}
