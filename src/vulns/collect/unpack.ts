/** Reads packed observations back: one decoding of the text, then pieces of it, and one shape of object. */
import {
  EXPLOITS,
  FIX_STATES,
  LANES,
  type Observation,
  type PackageRef,
  type ResourceRef,
  SEVERITIES,
  TOOLS,
} from '../model.js';
import {
  BYTE,
  FLAG,
  FORM,
  LENGTHS_AT,
  MOST_CELLS,
  MOST_HEAD,
  NONE,
  NUMBER,
  NUMBERS_AT,
  type Rare,
  STATUSES,
} from './packed-layout.js';

// One head and one cursor for all: nothing waits while an observation is read.
const head = Buffer.alloc(MOST_HEAD);
const numbers = new Float64Array(head.buffer, head.byteOffset + NUMBERS_AT, 6);
const lengths = new Uint16Array(head.buffer, head.byteOffset + LENGTHS_AT, MOST_CELLS);
let text = '';
let textAt = 0;
let cellAt = 0;

/** The observation that a packer wrote there; what was undefined is undefined. */
export function unpack(bytes: Buffer, start: number, end: number): Observation {
  const textStart = start + LENGTHS_AT + (bytes[start + BYTE.cells] ?? 0) * 2;
  bytes.copy(head, 0, start, textStart);
  text = bytes.toString(head[BYTE.isAscii] === 1 ? 'latin1' : 'utf8', textStart, end);
  // What the packer wrote, and nothing else, is read here.
  if (head[BYTE.form] === FORM.json) return JSON.parse(text) as Observation;
  textAt = 0;
  cellAt = 0;
  return readPacked();
}

function readPacked(): Observation {
  const flags = head[BYTE.flags] ?? 0;
  const file = must();
  const title = must();
  const severitySource = must();
  const ownId = next();
  const arn = next();
  const cve = next();
  const advisory = next();
  const control = next();
  const kind = next();
  const vector = next();
  const cvss = next();
  const rareJson = next();
  const rare = rareJson === undefined ? NOTHING : (JSON.parse(rareJson) as Rare);
  const aliases = nextList(BYTE.aliases);
  return {
    lane: word(LANES, BYTE.lane),
    tool: word(TOOLS, BYTE.tool),
    sourceId: (flags & FLAG.idIsArn ? arn : ownId) ?? '',
    file,
    status: word(STATUSES, BYTE.status),
    title,
    severity: word(SEVERITIES, BYTE.severity),
    severitySource,
    arn,
    cve,
    advisory,
    aliases,
    control,
    kind,
    vector,
    cvss: scoresOf(cvss),
    epss: numberAt(NUMBER.epss),
    percentile: numberAt(NUMBER.percentile),
    kev: rare.kev,
    exploit: EXPLOITS[(head[BYTE.exploit] ?? 0) - 1],
    fix: word(FIX_STATES, BYTE.fix),
    alsoIn: rare.alsoIn,
    proves: rare.proves,
    attackSequence: sequenceOf(flags),
    firstSeen: numberAt(NUMBER.firstSeen),
    lastSeen: numberAt(NUMBER.lastSeen),
    resource: readResource(rare.tags, nextList(BYTE.imageTags)),
    package: flags & FLAG.hasPackage ? readPackage() : undefined,
  };
}

const NOTHING: Rare = {};

function readResource(tags: ResourceRef['tags'], imageTags: ResourceRef['imageTags']): ResourceRef {
  return {
    type: must(),
    id: must(),
    account: next(),
    region: next(),
    registry: next(),
    repo: next(),
    digest: next(),
    imageTags,
    tags,
    inUseCount: numberAt(NUMBER.inUseCount),
    lastInUseAt: numberAt(NUMBER.lastInUseAt),
  };
}

function readPackage(): PackageRef {
  return {
    name: must(),
    version: next(),
    fixedIn: next(),
    ecosystem: next(),
    path: next(),
    layer: next(),
    purl: next(),
  };
}

function word<T>(words: readonly T[], place: number): T {
  // The packer wrote the number of a word that is there.
  return words[head[place] ?? 0] as T;
}

function sequenceOf(flags: number): boolean | undefined {
  if (flags & FLAG.sequence) return true;
  return flags & FLAG.noSequence ? false : undefined;
}

function must(): string {
  return next() ?? '';
}

function next(): string | undefined {
  const length = lengths[cellAt++] ?? NONE;
  if (length === NONE) return undefined;
  const from = textAt;
  textAt += length;
  return text.slice(from, textAt);
}

function nextList(place: number): readonly string[] | undefined {
  const noted = head[place] ?? 0;
  if (noted === 0) return undefined;
  const values: string[] = [];
  for (let i = 1; i < noted; i++) values.push(must());
  return values;
}

function scoresOf(joined: string | undefined): readonly number[] | undefined {
  if (joined === undefined) return undefined;
  if (joined === '') return [];
  return joined.includes(' ') ? joined.split(' ').map(Number) : [Number(joined)];
}

function numberAt(place: number): number | undefined {
  const value = numbers[place] ?? Number.NaN;
  return Number.isNaN(value) ? undefined : value;
}
