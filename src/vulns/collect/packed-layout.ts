/** How a packed observation lies in the spool: a head of fixed places, the lengths of its texts, then all text in one. */
import type { Observation, ResourceRef } from '../model.js';

/** Bytes of the head: words by their number, flags, how many texts follow. */
export const BYTE = {
  form: 0,
  lane: 1,
  tool: 2,
  status: 3,
  severity: 4,
  exploit: 5,
  fix: 6,
  flags: 7,
  aliases: 8,
  imageTags: 9,
  isAscii: 10,
  cells: 11,
} as const;

/** Packed, or JSON where a text is too long or a list has too many. */
export const FORM = { packed: 0, json: 1 } as const;

export const FLAG = { idIsArn: 1, hasPackage: 2, sequence: 4, noSequence: 8 } as const;

/** Six numbers from byte 16; NaN is none. */
export const NUMBERS_AT = 16;
export const NUMBER = {
  firstSeen: 0,
  lastSeen: 1,
  epss: 2,
  percentile: 3,
  inUseCount: 4,
  lastInUseAt: 5,
} as const;

/** Lengths of the texts from byte 64 on, two bytes each; NONE is none. */
export const LENGTHS_AT = 64;
export const NONE = 0xffff;
export const MOST_LISTED = 40;
export const MOST_CELLS = 30 + 2 * MOST_LISTED;
export const MOST_HEAD = LENGTHS_AT + MOST_CELLS * 2;

export const STATUSES = ['active', 'closed', 'suppressed'] as const;

/** What few observations have goes as JSON. */
export type Rare = Pick<Observation, 'kev' | 'proves' | 'alsoIn'> & Pick<ResourceRef, 'tags'>;
