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
  const arn = at<string>(cells, 8);
  const sourceId = cells[2] as string | 0;
  return {
    lane: cells[0] as Observation['lane'],
    tool: cells[1] as Observation['tool'],
    sourceId: sourceId === 0 ? (arn ?? '') : sourceId,
    file: cells[3] as string,
    status: cells[4] as Observation['status'],
    title: cells[5] as string,
    severity: cells[6] as Observation['severity'],
    severitySource: cells[7] as string,
    arn,
    cve: at(cells, 9),
    advisory: at(cells, 10),
    aliases: at(cells, 11),
    control: at(cells, 12),
    kind: at(cells, 13),
    vector: at(cells, 14),
    cvss: at(cells, 15),
    epss: at(cells, 16),
    percentile: at(cells, 17),
    kev: at(cells, 18),
    exploit: at(cells, 19),
    fix: cells[20] as Observation['fix'],
    alsoIn: at(cells, 21),
    proves: at(cells, 22),
    attackSequence: at(cells, 23),
    firstSeen: at(cells, 24),
    lastSeen: at(cells, 25),
    resource: decodeResource(cells),
    package: cells.length > PACKAGE_AT ? decodePackage(cells) : undefined,
  };
}

/** What was undefined was written as null. */
function at<T>(cells: unknown[], i: number): T | undefined {
  return (cells[i] as T | null) ?? undefined;
}

function decodeResource(cells: unknown[]): ResourceRef {
  return {
    type: cells[26] as string,
    id: cells[27] as string,
    account: at(cells, 28),
    region: at(cells, 29),
    registry: at(cells, 30),
    repo: at(cells, 31),
    digest: at(cells, 32),
    imageTags: at(cells, 33),
    tags: at(cells, 34),
    inUseCount: at(cells, 35),
    lastInUseAt: at(cells, 36),
  };
}

function decodePackage(cells: unknown[]): PackageRef {
  return {
    name: cells[PACKAGE_AT] as string,
    version: at(cells, PACKAGE_AT + 1),
    fixedIn: at(cells, PACKAGE_AT + 2),
    ecosystem: at(cells, PACKAGE_AT + 3),
    path: at(cells, PACKAGE_AT + 4),
    layer: at(cells, PACKAGE_AT + 5),
    purl: at(cells, PACKAGE_AT + 6),
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
