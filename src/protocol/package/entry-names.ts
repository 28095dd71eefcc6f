/** Which names an entry may have: the ones that mean the same file on Linux, macOS and Windows. */
import { invalidPackage } from './invalid-package.js';

const MAX_PATH_BYTES = 1024;
const MAX_SEGMENT_BYTES = 255;
const MAX_DEPTH = 64;

// Names that Windows gives to devices, with or without an extension.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)[ ]*(?:\..*)?$/i;

// Marks that turn the reading direction round, or break the line: they make a name look like another.
const DECEIVING = /[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffd]/;

/**
 * Checks a file's or (with a trailing `/`) a folder's name.
 * @throws RocError ROC_PACKAGE_INVALID
 */
export function checkEntryName(name: string): void {
  const reason = badName(name.endsWith('/') ? name.slice(0, -1) : name);
  if (reason !== null) throw invalidPackage(reason, { entry: name });
}

function badName(path: string): string | null {
  if (path === '') return 'the name is empty';
  if (/\p{Cc}/u.test(path)) return 'the name has a control character';
  if (/\p{Cs}/u.test(path) || DECEIVING.test(path)) return 'the name has a character that hides or deceives';
  if (path.includes('\\')) return 'the name has a backslash';
  if (path.startsWith('/')) return 'the path is absolute';
  if (/^[a-z]:/i.test(path)) return 'the path has a drive letter';
  if (/[<>:"|?*]/.test(path)) return 'the name has a character that Windows refuses (< > : " | ? *)';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `the path is longer than ${MAX_PATH_BYTES} bytes`;
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) return `the path is deeper than ${MAX_DEPTH} folders`;
  for (const segment of segments) {
    const reason = badSegment(segment);
    if (reason !== null) return reason;
  }
  return null;
}

function badSegment(segment: string): string | null {
  if (segment === '') return 'the path has an empty part';
  if (segment === '.' || segment === '..') return `the path has a "${segment}" part`;
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)
    return `a part is longer than ${MAX_SEGMENT_BYTES} bytes`;
  if (/[. ]$/.test(segment)) return 'a part ends in a dot or a space, which Windows drops';
  if (RESERVED.test(segment)) return 'a part is a device name on Windows';
  return null;
}

interface Known {
  readonly path: string;
  /** What is in it, by folded name; null for a file. */
  readonly children: Map<string, Known> | null;
}

/** Remembers the names of one package and refuses two that some file system takes for one. */
export class NameRegister {
  readonly #top = new Map<string, Known>();
  readonly #maxFolders: number;
  #folders = 0;

  constructor(maxFolders: number) {
    this.#maxFolders = maxFolders;
  }

  /** A file, or a folder where the name ends in `/`. @throws RocError ROC_PACKAGE_INVALID */
  add(name: string): void {
    checkEntryName(name);
    const isFolder = name.endsWith('/');
    const segments = (isFolder ? name.slice(0, -1) : name).split('/');
    let [siblings, path] = [this.#top, ''];
    for (const [depth, segment] of segments.entries()) {
      path = depth === 0 ? segment : `${path}/${segment}`;
      const folded = foldedName(segment);
      const known = siblings.get(folded);
      const isFile = !isFolder && depth === segments.length - 1;
      if (known !== undefined) siblings = sameFolder(known, path, isFile, name);
      else {
        const added: Known = { path, children: isFile ? null : this.#newFolder() };
        siblings.set(folded, added);
        siblings = added.children ?? siblings;
      }
    }
  }

  // Ten thousand files may lie in sixty folders each: what is kept of them is bounded too.
  #newFolder(): Map<string, Known> {
    if (++this.#folders > this.#maxFolders) throw invalidPackage(`more than ${this.#maxFolders} folders`);
    return new Map();
  }
}

/** @returns what is in the folder that two names share */
function sameFolder(known: Known, path: string, isFile: boolean, name: string): Map<string, Known> {
  const clash = (why: string) =>
    invalidPackage(`clashes with ${JSON.stringify(known.path)}: they would be ${why}`, { entry: name });
  if (isFile !== (known.children === null)) throw clash('a file and a folder');
  if (known.path !== path) throw clash(`one ${isFile ? 'file' : 'folder'} where case or accents are ignored`);
  if (known.children === null) throw invalidPackage('the name appears twice', { entry: name });
  return known.children;
}

// Wider than any one file system: compatibility forms, case both ways, characters HFS+ ignores.
function foldedName(segment: string): string {
  return segment
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');
}
