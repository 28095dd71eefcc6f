/** How large a package may be; every limit is held on the bytes that really come out, not on what a header says. */

export interface PackageLimits {
  /** Entries, folders included. */
  readonly entries: number;
  /** Sum of all files, bytes. */
  readonly totalBytes: number;
  /** One file, bytes. */
  readonly fileBytes: number;
  /** Inflated bytes per archive byte, once more than `ratioFloorBytes` came out. */
  readonly ratio: number;
  readonly ratioFloorBytes: number;
  /** The list of entries at the archive's end, bytes. */
  readonly directoryBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_PACKAGE_LIMITS = {
  entries: 10_000,
  totalBytes: 1024 * MIB,
  fileBytes: 512 * MIB,
  ratio: 100,
  ratioFloorBytes: 32 * MIB,
  directoryBytes: 16 * MIB,
} as const satisfies PackageLimits;
