/** Takes an uploaded package: encrypted before it touches the disk, then read back from there and checked whole. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { createSealer, openEncrypted, type Sealer } from '../../protocol/package/chunks.js';
import { packageContext } from '../../protocol/package/context.js';
import { invalidPackage } from '../../protocol/package/invalid-package.js';
import { DEFAULT_PACKAGE_LIMITS, type PackageLimits } from '../../protocol/package/limits.js';
import type { RobotManifest } from '../../protocol/package/manifest.js';
import { type PackageContents, readPackage } from '../../protocol/package/strict-reader.js';
import type { Blobs } from '../blobs/blobs.js';
import type { Kms } from '../kms/kms.js';

const READ_AHEAD = 1024 * 1024;

export interface PackageDeps {
  readonly blobs: Blobs;
  readonly kms: Kms;
}

export interface StorePackageRequest {
  /** The tenant's id. */
  readonly tenant: string;
  readonly project: string;
  readonly robot: string;
  readonly version: string;
  /** Fresh, made by the server. */
  readonly blobKey: string;
  /** What the client says it sends, lower-case hex. */
  readonly expectedSha256?: string | undefined;
  /** Of the upload. */
  readonly maxBytes: number;
  readonly limits?: PackageLimits;
}

export interface StoredPackage {
  readonly manifest: RobotManifest;
  /** `sha256:…` over the content. */
  readonly digest: string;
  /** Of the package as uploaded, lower-case hex. */
  readonly sha256: string;
  /** Of the package as uploaded, bytes. */
  readonly size: number;
  readonly blobKey: string;
  /** The data key, wrapped by the Kms for this tenant, robot and version. */
  readonly wrappedKey: string;
}

/**
 * Stores a package under `blobKey`. Whatever is wrong with it, the blob is gone when this rejects; the upload itself
 * is left for the caller to drain or to close.
 * @throws RocError ROC_PACKAGE_INVALID, ROC_TOO_LARGE
 */
export async function storePackage(
  { blobs, kms }: PackageDeps,
  request: StorePackageRequest,
  upload: Readable,
): Promise<StoredPackage> {
  // It may fail before anyone reads it; who reads it then still meets the error.
  upload.on('error', () => {});
  const { blobKey, limits = DEFAULT_PACKAGE_LIMITS } = request;
  const context = packageContext(request);
  const key = await kms.generateDataKey({ ...context });
  try {
    const meter = createMeter(request.maxBytes);
    const sealed = sealUpload(upload, meter, createSealer(key.plaintext, context));
    await blobs.put(blobKey, Readable.from(sealed, { objectMode: false, highWaterMark: READ_AHEAD }));
    try {
      const { sha256, size } = meter.result();
      if (request.expectedSha256 !== undefined && request.expectedSha256 !== sha256)
        throw invalidPackage(
          `the upload arrived with SHA-256 ${sha256}, expected ${request.expectedSha256}`,
          {
            hint: 'Publish it again; the bytes changed on their way.',
          },
        );
      const source = await openEncrypted(await blobs.open(blobKey), key.plaintext, context);
      const { manifest, digest } = await readAndClose(source, limits);
      checkNamed(manifest, request);
      return { manifest, digest, sha256, size, blobKey, wrappedKey: key.wrapped };
    } catch (error) {
      await blobs.delete(blobKey);
      throw error;
    }
  } finally {
    key.plaintext.fill(0);
  }
}

async function* sealUpload(
  upload: Readable,
  meter: Meter,
  sealer: Sealer,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of wholeUpload(upload)) {
    meter.add(piece);
    yield* sealer.add(piece);
  }
  yield* sealer.end();
}

async function* wholeUpload(upload: Readable): AsyncGenerator<Buffer, void, undefined> {
  try {
    // Destroying a request would take away the connection that the refusal is to be answered on.
    yield* upload.iterator({ destroyOnReturn: false });
  } catch (cause) {
    throw invalidPackage('the upload broke off before it was whole', { hint: 'Publish it again.', cause });
  }
}

async function readAndClose(
  source: Awaited<ReturnType<typeof openEncrypted>>,
  limits: PackageLimits,
): Promise<PackageContents> {
  try {
    return await readPackage(source, limits);
  } finally {
    await source.close();
  }
}

function checkNamed(manifest: RobotManifest, { robot, version }: StorePackageRequest): void {
  if (manifest.name === robot && manifest.version === version) return;
  throw invalidPackage(
    `robot.yaml says ${manifest.name}@${manifest.version}, it was published as ${robot}@${version}`,
  );
}

interface Meter {
  add(piece: Buffer): void;
  result(): { sha256: string; size: number };
}

function createMeter(maxBytes: number): Meter {
  const hash = createHash('sha256');
  let size = 0;
  return {
    add(piece) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      hash.update(piece);
    },
    result: () => ({ sha256: hash.digest('hex'), size }),
  };
}

function tooLarge(maxBytes: number): RocError {
  return new RocError('ROC_TOO_LARGE', `the package is larger than ${maxBytes} bytes`, {
    hint: 'Leave out what the robot does not need (.rocignore), or ask for a larger limit.',
  });
}
