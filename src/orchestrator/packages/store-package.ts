/** Takes an uploaded package: encrypted before it touches the disk, then read back from there and checked whole. */
import type { Readable } from 'node:stream';
import { openEncrypted } from '../../protocol/package/chunks.js';
import { packageContext } from '../../protocol/package/context.js';
import { invalidPackage } from '../../protocol/package/invalid-package.js';
import { DEFAULT_PACKAGE_LIMITS, type PackageLimits } from '../../protocol/package/limits.js';
import type { RobotManifest } from '../../protocol/package/manifest.js';
import { type PackageContents, readPackage } from '../../protocol/package/strict-reader.js';
import type { Blobs } from '../blobs/blobs.js';
import type { Kms } from '../kms/kms.js';
import { encryptInto } from './encrypt-into.js';

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
  const { blobKey, limits = DEFAULT_PACKAGE_LIMITS } = request;
  const context = packageContext(request);
  const key = await kms.generateDataKey({ ...context });
  try {
    const { maxBytes } = request;
    const { sha256, size } = await encryptInto(
      blobs,
      { blobKey, key: key.plaintext, context, maxBytes },
      upload,
    );
    try {
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
      // Where even that fails, sweep-orphans.ts finds it: why the package was refused matters more.
      await blobs.delete(blobKey).catch(() => {});
      throw error;
    }
  } finally {
    key.plaintext.fill(0);
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
