/** One ARN seen under two keys is one finding: the poorer key's rows move to the richer one. */
import { hash } from 'node:crypto';
import type { Observation } from '../model.js';
import { readFully, type ScratchFiles, writeScratch } from '../scratch-files.js';
import { createGroups } from './groups.js';
import { richness } from './merge.js';

/**
 * Sightings of ARNs under keys, as fixed records of eight words: two of the ARN's hash, five of the key (ten bytes of
 * track key, six of digest, as hexadecimal), one of how much the source told.
 */
export interface LinkLog {
  note(observation: Observation, key: string): void;
  /** Keys that mean the same finding but never stand for it: further packages of the record. */
  noteAliases(observation: Observation, key: string, aliases: readonly string[]): void;
  finish(): LinkPart[];
}

export interface LinkPart {
  readonly partition: number;
  readonly file: number | null;
  readonly bytesOnDisk: number;
  readonly words: Uint32Array;
}

const PARTITIONS = 16;
const WORDS = 8;
const BLOCK_WORDS = WORDS * 2048;
const KEY_CHARS = 20;

export function createLinkLog(scratch: ScratchFiles): LinkLog {
  const blocks = Array.from({ length: PARTITIONS }, () => new Uint32Array(BLOCK_WORDS));
  const used = new Int32Array(PARTITIONS);
  const files = new Map<number, number>();
  const written = new Float64Array(PARTITIONS);

  function flush(partition: number, block: Uint32Array): void {
    let fd = files.get(partition);
    if (fd === undefined) {
      fd = scratch.create();
      files.set(partition, fd);
    }
    const bytes = Buffer.from(block.buffer, 0, (used[partition] ?? 0) * 4);
    writeScratch(fd, bytes);
    written[partition] = (written[partition] ?? 0) + bytes.length;
    used[partition] = 0;
  }

  function write(name: string, key: string, rank: number): void {
    const arn = hash('sha1', name, 'hex');
    const partition = word(arn, 16) % PARTITIONS;
    const block = blocks[partition];
    if (block === undefined) return;
    if ((used[partition] ?? 0) === BLOCK_WORDS) flush(partition, block);
    const at = used[partition] ?? 0;
    block[at] = word(arn, 0);
    block[at + 1] = word(arn, 8);
    writeKey(block, at + 2, key);
    block[at + 7] = rank * 2 + (key.length > KEY_CHARS ? 1 : 0);
    used[partition] = at + WORDS;
  }

  return {
    note(observation, key) {
      if (observation.arn !== undefined) write(observation.arn, key, richness(observation));
    },
    noteAliases(observation, key, aliases) {
      // Without an ARN the record's own key is the name under which its packages meet.
      const name = observation.arn ?? key;
      if (observation.arn === undefined) write(name, key, richness(observation));
      for (const alias of aliases) write(name, alias, 0);
    },
    finish() {
      for (const partition of files.keys()) {
        const block = blocks[partition];
        if (block !== undefined) flush(partition, block);
      }
      return blocks.flatMap((block, partition) => {
        const file = files.get(partition) ?? null;
        const words = file === null ? block.slice(0, used[partition]) : new Uint32Array(0);
        const bytesOnDisk = written[partition] ?? 0;
        return file === null && words.length === 0 ? [] : [{ partition, file, bytesOnDisk, words }];
      });
    },
  };
}

/** Eight hexadecimal digits as one number; what is no digit counts as 0. */
function word(hex: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) value = (value << 4) | (DIGITS[hex.charCodeAt(i)] ?? 0);
  return value >>> 0;
}

const DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

// 20 characters of track key and, after a dash, up to 12 of the digest: 80 and 48 bits in four words.
function writeKey(block: Uint32Array, at: number, key: string): void {
  block[at] = word(key, 0);
  block[at + 1] = word(key, 8);
  block[at + 2] = ((word(key, 16) & 0xffff0000) | (word(key, KEY_CHARS + 1) >>> 16)) >>> 0;
  block[at + 3] = word(key, KEY_CHARS + 5);
  // Digests that are no hexadecimal, or shorter than twelve characters, are told apart by their length.
  block[at + 4] = key.length;
}

function readKey(words: Uint32Array, at: number): string {
  const hex = [0, 1, 2, 3].map((i) => (words[at + i] ?? 0).toString(16).padStart(8, '0')).join('');
  const length = words[at + 4] ?? KEY_CHARS;
  return length <= KEY_CHARS
    ? hex.slice(0, KEY_CHARS)
    : `${hex.slice(0, KEY_CHARS)}-${hex.slice(KEY_CHARS, KEY_CHARS + length - KEY_CHARS - 1)}`;
}

/**
 * Finds the keys that must join, one partition of ARNs at a time.
 * @returns from each poorer key to the key that stands for all
 */
export function findLinks(parts: readonly LinkPart[]): Map<string, string> {
  const groups = createGroups();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const here = parts.filter((part) => part.partition === partition).map(readWords);
    const count = here.reduce((sum, words) => sum + words.length / WORDS, 0);
    if (count > 1) linkPartition(here, count, groups);
  }
  return groups.roots();
}

function readWords({ file, bytesOnDisk, words }: LinkPart): Uint32Array {
  if (file === null) return words;
  const read = new Uint32Array(bytesOnDisk / 4);
  readFully(file, new Uint8Array(read.buffer), 0);
  return read;
}

/** Open addressing over the records themselves: no strings until two keys differ. */
function linkPartition(
  lists: readonly Uint32Array[],
  count: number,
  groups: ReturnType<typeof createGroups>,
): void {
  const all = new Uint32Array(count * WORDS);
  let filled = 0;
  for (const list of lists) {
    all.set(list, filled);
    filled += list.length;
  }
  const size = 2 ** Math.ceil(Math.log2(count * 2));
  const slots = new Int32Array(size).fill(-1);
  for (let at = 0; at < all.length; at += WORDS) {
    let slot = ((all[at] ?? 0) ^ (all[at + 1] ?? 0)) & (size - 1);
    for (;;) {
      const other = slots[slot] ?? -1;
      if (other === -1) {
        slots[slot] = at;
        break;
      }
      if (all[other] === all[at] && all[other + 1] === all[at + 1]) {
        if (!sameKey(all, other, at)) groups.join(ranked(all, other), ranked(all, at));
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
}

function sameKey(all: Uint32Array, a: number, b: number): boolean {
  for (let i = 2; i < 7; i++) if (all[a + i] !== all[b + i]) return false;
  return true;
}

function ranked(all: Uint32Array, at: number): { key: string; rank: number } {
  return { key: readKey(all, at + 2), rank: (all[at + 7] ?? 0) >>> 1 };
}
