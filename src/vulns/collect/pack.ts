/** Lays observations down as bytes: every text once, in one piece, so that one call encodes them all. */
import { EXPLOITS, FIX_STATES, LANES, type Observation, SEVERITIES, TOOLS } from '../model.js';
import {
  BYTE,
  FLAG,
  FORM,
  LENGTHS_AT,
  MOST_CELLS,
  MOST_HEAD,
  MOST_LISTED,
  NONE,
  NUMBER,
  NUMBERS_AT,
  type Rare,
  STATUSES,
} from './packed-layout.js';

/** Something that can be laid into a block: asked for its size first, then written. */
export interface Payload {
  /** At most so many bytes. */
  readonly bound: number;
  /** @returns where it ends */
  write(block: Buffer, at: number): number;
}

export interface Packer extends Payload {
  /** Takes an observation, which is what `write` writes until the next call. */
  pack(observation: Observation): void;
}

export function createPacker(): Packer {
  return new ObservationPacker();
}

class ObservationPacker implements Packer {
  readonly #head = Buffer.alloc(MOST_HEAD);
  readonly #numbers = new Float64Array(this.#head.buffer, this.#head.byteOffset + NUMBERS_AT, 6);
  readonly #lengths = new Uint16Array(this.#head.buffer, this.#head.byteOffset + LENGTHS_AT, MOST_CELLS);
  #cells = 0;
  #text = '';
  #isTooLong = false;

  get bound(): number {
    return LENGTHS_AT + this.#cells * 2 + this.#text.length * 3;
  }

  pack(o: Observation): void {
    this.#cells = 0;
    this.#text = '';
    this.#isTooLong = false;
    this.#words(o);
    this.#times(o);
    this.#texts(o);
    if (!this.#isTooLong) return;
    this.#head[BYTE.form] = FORM.json;
    this.#cells = 0;
    this.#text = JSON.stringify(o);
  }

  write(block: Buffer, at: number): number {
    const textAt = at + LENGTHS_AT + this.#cells * 2;
    const written = block.write(this.#text, textAt, 'utf8');
    this.#head[BYTE.isAscii] = written === this.#text.length ? 1 : 0;
    this.#head[BYTE.cells] = this.#cells;
    this.#head.copy(block, at, 0, LENGTHS_AT + this.#cells * 2);
    return textAt + written;
  }

  #words(o: Observation): void {
    const head = this.#head;
    head[BYTE.form] = FORM.packed;
    head[BYTE.lane] = LANES.indexOf(o.lane);
    head[BYTE.tool] = TOOLS.indexOf(o.tool);
    head[BYTE.status] = STATUSES.indexOf(o.status);
    head[BYTE.severity] = SEVERITIES.indexOf(o.severity);
    head[BYTE.exploit] = o.exploit === undefined ? 0 : EXPLOITS.indexOf(o.exploit) + 1;
    head[BYTE.fix] = FIX_STATES.indexOf(o.fix);
    head[BYTE.flags] =
      (o.sourceId === o.arn ? FLAG.idIsArn : 0) |
      (o.package === undefined ? 0 : FLAG.hasPackage) |
      (o.attackSequence === undefined ? 0 : o.attackSequence ? FLAG.sequence : FLAG.noSequence);
  }

  #times({ firstSeen, lastSeen, epss, percentile, resource }: Observation): void {
    const numbers = this.#numbers;
    numbers[NUMBER.firstSeen] = firstSeen ?? Number.NaN;
    numbers[NUMBER.lastSeen] = lastSeen ?? Number.NaN;
    numbers[NUMBER.epss] = epss ?? Number.NaN;
    numbers[NUMBER.percentile] = percentile ?? Number.NaN;
    numbers[NUMBER.inUseCount] = resource.inUseCount ?? Number.NaN;
    numbers[NUMBER.lastInUseAt] = resource.lastInUseAt ?? Number.NaN;
  }

  #texts(o: Observation): void {
    const { resource, package: pkg } = o;
    this.#cell(o.file);
    this.#cell(o.title);
    this.#cell(o.severitySource);
    this.#cell(o.sourceId === o.arn ? undefined : o.sourceId);
    this.#cell(o.arn);
    this.#cell(o.cve);
    this.#cell(o.advisory);
    this.#cell(o.control);
    this.#cell(o.kind);
    this.#cell(o.vector);
    this.#cell(o.cvss?.join(' '));
    this.#cell(rareText(o));
    this.#list(BYTE.aliases, o.aliases);
    this.#list(BYTE.imageTags, resource.imageTags);
    this.#cell(resource.type);
    this.#cell(resource.id);
    this.#cell(resource.account);
    this.#cell(resource.region);
    this.#cell(resource.registry);
    this.#cell(resource.repo);
    this.#cell(resource.digest);
    if (pkg === undefined) return;
    this.#cell(pkg.name);
    this.#cell(pkg.version);
    this.#cell(pkg.fixedIn);
    this.#cell(pkg.ecosystem);
    this.#cell(pkg.path);
    this.#cell(pkg.layer);
    this.#cell(pkg.purl);
  }

  #cell(value: string | undefined): void {
    if (value === undefined) {
      this.#lengths[this.#cells++] = NONE;
      return;
    }
    if (value.length >= NONE) this.#isTooLong = true;
    this.#lengths[this.#cells++] = value.length;
    this.#text += value;
  }

  /** One more than there are is noted, so that an empty list is not the same as none. */
  #list(place: number, values: readonly string[] | undefined): void {
    this.#head[place] = values === undefined ? 0 : Math.min(values.length, MOST_LISTED) + 1;
    if (values === undefined) return;
    if (values.length > MOST_LISTED) this.#isTooLong = true;
    else for (const value of values) this.#cell(value);
  }
}

function rareText({ kev, proves, alsoIn, resource: { tags } }: Observation): string | undefined {
  if (kev === undefined && proves === undefined && alsoIn === undefined && tags === undefined)
    return undefined;
  return JSON.stringify({ kev, proves, alsoIn, tags } satisfies Rare);
}
