/** What S3 says of a bucket and of its versions, and copies of single objects; in the room's own words. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  S3Client,
  type ObjectVersion as WireVersion,
} from '@aws-sdk/client-s3';
import { pageTokens } from '../../kernel/page-tokens.js';
import { DAY } from '../../kernel/time.js';
import type { Bucket, BucketSettings, LifecycleRule, ObjectVersion } from '../bucket/ports.js';
import { callAws, orNull } from './call.js';
import { type AwsAccess, inRegion } from './clients.js';

export function openBucket(access: AwsAccess, name: string, region?: string): Bucket {
  const where = region === undefined ? access : inRegion(access, region);
  const s3 = new S3Client({ ...where.options(), forcePathStyle: where.target.endpointUrl !== undefined });
  const call = <T extends { $metadata: { requestId?: string | undefined } }>(
    action: string,
    run: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ) => callAws(where, `s3:${action}`, (abortSignal) => run({ abortSignal }));
  const versionOf = ({ key, versionId }: Pick<ObjectVersion, 'key' | 'versionId'>) => ({
    Bucket: name,
    Key: key,
    ...(versionId === null ? {} : { VersionId: versionId }),
  });
  return {
    name,
    settings: () => readSettings(s3, name, call),
    versions: (prefix) => listVersions(s3, name, prefix, call),
    async storedSha256(version) {
      const command = new HeadObjectCommand({ ...versionOf(version), ChecksumMode: 'ENABLED' });
      const head = await call('HeadObject', (options) => s3.send(command, options));
      const sha256 = head.ChecksumSHA256;
      // One of parts (`…-3`) is a hash of hashes, not of the bytes.
      if (sha256 === undefined || sha256.includes('-') || head.ChecksumType === 'COMPOSITE') return null;
      return Buffer.from(sha256, 'base64').toString('hex');
    },
    async hash(version) {
      const command = new GetObjectCommand(versionOf(version));
      const reply = await orNull(
        // Without the deadline of a call: it would cut a large object off while it is read.
        call('GetObject', () => s3.send(command)),
        /^(NoSuchKey|NoSuchVersion|MethodNotAllowed)$/,
      );
      return reply?.Body === undefined ? null : hashOf(reply.Body as Readable);
    },
    async copyFrom(source, version, key) {
      const { VersionId } = await call('CopyObject', (options) =>
        s3.send(
          new CopyObjectCommand({ Bucket: name, Key: key, CopySource: copySource(source, version) }),
          options,
        ),
      );
      return { key, versionId: VersionId ?? null };
    },
    async remove(version) {
      await call('DeleteObject', (options) => s3.send(new DeleteObjectCommand(versionOf(version)), options));
    },
    close: () => s3.destroy(),
  };
}

type Call = <T extends { $metadata: { requestId?: string | undefined } }>(
  action: string,
  run: (options: { abortSignal: AbortSignal }) => Promise<T>,
) => Promise<T>;

async function readSettings(s3: S3Client, name: string, call: Call): Promise<BucketSettings> {
  const of = { Bucket: name };
  const absent =
    /^(NoSuch|ObjectLockConfigurationNotFound|ReplicationConfigurationNotFound|ServerSideEncryptionConfigurationNotFound)/;
  const versioning = await call('GetBucketVersioning', (o) => s3.send(new GetBucketVersioningCommand(of), o));
  const lock = await orNull(
    call('GetObjectLockConfiguration', (o) => s3.send(new GetObjectLockConfigurationCommand(of), o)),
    absent,
  );
  const lifecycle = await orNull(
    call('GetBucketLifecycleConfiguration', (o) =>
      s3.send(new GetBucketLifecycleConfigurationCommand(of), o),
    ),
    absent,
  );
  const replication = await orNull(
    call('GetBucketReplication', (o) => s3.send(new GetBucketReplicationCommand(of), o)),
    absent,
  );
  const encryption = await orNull(
    call('GetBucketEncryption', (o) => s3.send(new GetBucketEncryptionCommand(of), o)),
    absent,
  );
  const block = await orNull(
    call('GetPublicAccessBlock', (o) => s3.send(new GetPublicAccessBlockCommand(of), o)),
    absent,
  );
  const held = lock?.ObjectLockConfiguration?.Rule?.DefaultRetention;
  const blocked = block?.PublicAccessBlockConfiguration;
  return {
    isVersioned: versioning.Status === 'Enabled',
    lock:
      lock?.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled'
        ? { mode: held?.Mode ?? null, retention: ((held?.Days ?? 0) + (held?.Years ?? 0) * 365) * DAY }
        : null,
    lifecycle: (lifecycle?.Rules ?? []).filter((rule) => rule.Status === 'Enabled').map(lifecycleRule),
    replicas: (replication?.ReplicationConfiguration?.Rules ?? [])
      .filter((rule) => rule.Status === 'Enabled')
      .flatMap((rule) => rule.Destination?.Bucket?.split(':::')[1] ?? []),
    encryption:
      encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
        ?.SSEAlgorithm ?? null,
    isPublicBlocked:
      blocked?.BlockPublicAcls === true &&
      blocked.IgnorePublicAcls === true &&
      blocked.BlockPublicPolicy === true &&
      blocked.RestrictPublicBuckets === true,
  };
}

function lifecycleRule(rule: {
  ID?: string | undefined;
  Prefix?: string | undefined;
  Filter?: { Prefix?: string | undefined; And?: { Prefix?: string | undefined } | undefined } | undefined;
  NoncurrentVersionExpiration?: { NoncurrentDays?: number | undefined } | undefined;
}): LifecycleRule {
  const noncurrent = rule.NoncurrentVersionExpiration?.NoncurrentDays;
  return {
    id: rule.ID ?? 'unnamed',
    prefix: rule.Filter?.And?.Prefix ?? rule.Filter?.Prefix ?? rule.Prefix ?? '',
    noncurrentExpires: noncurrent === undefined ? null : noncurrent * DAY,
  };
}

function objectVersion({ Key, VersionId, Size, IsLatest, LastModified }: WireVersion): ObjectVersion {
  return {
    key: Key ?? '',
    versionId: VersionId === undefined || VersionId === 'null' ? null : VersionId,
    size: Size ?? 0,
    isLatest: IsLatest === true,
    modifiedAt: LastModified?.getTime() ?? 0,
  };
}

async function* listVersions(
  s3: S3Client,
  name: string,
  prefix: string,
  call: Call,
): AsyncGenerator<ObjectVersion, void, undefined> {
  const next = pageTokens('s3:ListObjectVersions');
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
  while (marker !== null) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
      Bucket: name,
      Prefix: prefix,
      ...marker,
    });
    const page = await call('ListObjectVersions', (options) => s3.send(command, options));
    for (const row of page.Versions ?? []) yield objectVersion(row);
    // Without a marker the list would begin anew; the same key may go on with another version.
    if (page.IsTruncated === true) next(`${page.NextKeyMarker ?? ''}\n${page.NextVersionIdMarker ?? ''}`);
    marker =
      page.IsTruncated === true
        ? {
            ...(page.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
            ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
          }
        : null;
  }
}

async function hashOf(body: Readable): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    hash.update(piece);
    size += piece.length;
  }
  return { sha256: hash.digest('hex'), size };
}

function copySource(bucket: string, { key, versionId }: Pick<ObjectVersion, 'key' | 'versionId'>): string {
  const path = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return versionId === null ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
}
