/** The end of a zip: where its list of entries lies. Read here because yauzl forgives what a package may not have. */
import { invalidPackage } from './invalid-package.js';
import type { PackageLimits } from './limits.js';
import type { RandomAccess } from './source.js';

export interface ZipEnd {
  readonly entries: number;
  /** Of the list of entries (the central directory). */
  readonly directoryOffset: number;
  readonly directoryBytes: number;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END_SIGNATURE = 0x06054b50;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const MAX_COMMENT_BYTES = 0xffff;

/** APPNOTE 4.3.16. @throws RocError ROC_PACKAGE_INVALID */
export async function readZipEnd(source: RandomAccess, limits: PackageLimits): Promise<ZipEnd> {
  const tailBytes = Math.min(source.size, LOCATOR_BYTES + END_BYTES + MAX_COMMENT_BYTES);
  const tail = await source.read(source.size - tailBytes, tailBytes);
  const at = endRecordAt(tail);
  const isZip64 = at >= LOCATOR_BYTES && tail.readUInt32LE(at - LOCATOR_BYTES) === ZIP64_LOCATOR_SIGNATURE;
  const disks = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
  const entriesHere = tail.readUInt16LE(at + 8);
  const entries = tail.readUInt16LE(at + 10);
  const directoryBytes = tail.readUInt32LE(at + 12);
  const directoryOffset = tail.readUInt32LE(at + 16);
  if (isZip64 || entries === 0xffff || directoryBytes === 0xffffffff || directoryOffset === 0xffffffff)
    throw invalidPackage('zip64 archives are not accepted: a package never needs one', {
      hint: 'Publish the folder instead of the zip.',
    });
  if (disks.some((disk) => disk !== 0) || entriesHere !== entries)
    throw invalidPackage('the archive says that it spans several disks');
  if (entries > limits.entries)
    throw invalidPackage(`${entries} entries, at most ${limits.entries} are accepted`);
  if (entries === 0) throw invalidPackage('the archive is empty');
  if (directoryBytes > limits.directoryBytes)
    throw invalidPackage(
      `its list of entries takes ${directoryBytes} bytes, at most ${limits.directoryBytes}`,
    );
  if (directoryOffset + directoryBytes !== source.size - tailBytes + at)
    throw invalidPackage('its list of entries does not end where the archive says: extra or missing bytes');
  return { entries, directoryOffset, directoryBytes };
}

function endRecordAt(tail: Buffer): number {
  const candidates: number[] = [];
  for (let at = tail.length - END_BYTES; at >= 0; at--)
    if (
      tail.readUInt32LE(at) === END_SIGNATURE &&
      at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length
    )
      candidates.push(at);
  const [at] = candidates;
  if (at === undefined)
    throw invalidPackage('not a zip archive, or cut short', {
      hint: 'Publish a folder or a zip with robot.yaml in it.',
    });
  // Two readings of one archive: which files it holds would depend on the reader.
  if (candidates.length > 1)
    throw invalidPackage('the archive has two ends: a second one is hidden in its comment');
  return at;
}
