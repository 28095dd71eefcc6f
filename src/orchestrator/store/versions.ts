/** Robots and their immutable versions. */
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { RobotManifest } from '../../protocol/package/manifest.js';
import type { CheckedSignature } from '../packages/check-signature.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { requireProject } from './places.js';
import { insertSignature } from './publishers.js';
import { found, fromJson, toJson } from './rows.js';
import type { Reader, Tx } from './store.js';

export type RobotVersion = ReplyOf<'versions.show'>;

export interface VersionRef {
  readonly tenantId: string;
  readonly project: string;
  readonly robot: string;
  readonly version: string;
}

/** A version with what the server alone may know: where its bytes are and their wrapped key. */
export interface StoredVersion {
  readonly shown: RobotVersion;
  readonly robotId: string;
  readonly blobKey: string;
  readonly wrappedKey: string;
}

export interface NewVersion extends VersionRef {
  readonly manifest: RobotManifest;
  readonly digest: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly blobKey: string;
  readonly wrappedKey: string;
  readonly createdBy: string;
  /** Checked against the content that arrived. */
  readonly signed?: CheckedSignature | null;
}

/**
 * Records a published version, and its robot where it is the first. The same content again is no change: `created`
 * is false, the former row stands, and the caller drops the blob it has just stored.
 * @throws RocError ROC_VERSION_EXISTS for other content, ROC_NOT_FOUND for the project
 */
export async function publishVersion(tx: Tx, args: NewVersion): Promise<RobotVersion & { created: boolean }> {
  const robotId = await ensureRobot(tx, args);
  const known = await findVersion(tx, args);
  if (known !== null) return { ...sameContent(known, args), created: false };
  const [id, now] = [await tx.newId(), await tx.now()];
  await tx.db
    .insertInto('robot_version')
    .values({
      id,
      tenant_id: args.tenantId,
      robot_id: robotId,
      version: args.version,
      state: 'published',
      digest: args.digest,
      sha256: args.sha256,
      size_bytes: args.sizeBytes,
      blob_key: args.blobKey,
      wrapped_key: args.wrappedKey,
      manifest: toJson(args.manifest),
      created_by: args.createdBy,
      created_at: now,
    })
    .execute();
  if (args.signed) await insertSignature(tx, { ...args.signed, versionId: id });
  return { ...(await getVersion(tx, args)).shown, created: true };
}

/** Withdraws a version from new deployments; what runs it goes on. */
export async function yankVersion(tx: Tx, ref: VersionRef): Promise<RobotVersion> {
  const { shown } = await getVersion(tx, ref);
  await tx.db.updateTable('robot_version').set({ state: 'yanked' }).where('id', '=', shown.id).execute();
  return { ...shown, state: 'yanked' };
}

export async function findVersion(reader: Reader, ref: VersionRef): Promise<StoredVersion | null> {
  const row = await selectVersions(reader, ref)
    .where('robot_version.version', '=', ref.version)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { shown: toVersion(row), robotId: row.robot_id, blobKey: row.blob_key, wrappedKey: row.wrapped_key };
}

/** @throws RocError ROC_NOT_FOUND */
export async function getVersion(reader: Reader, ref: VersionRef): Promise<StoredVersion> {
  const version = await findVersion(reader, ref);
  return found(
    version ?? undefined,
    `${ref.project}/${ref.robot}@${ref.version}`,
    `See \`roc robots versions ${ref.robot}\`.`,
  );
}

/** Newest first. @throws RocError ROC_NOT_FOUND for an unknown robot */
export async function listVersions(
  reader: Reader,
  query: PageQuery & Omit<VersionRef, 'version'>,
): Promise<Page<RobotVersion>> {
  await requireRobot(reader, query);
  const before = keyOfCursor(query);
  let select = selectVersions(reader, query);
  if (before !== null) select = select.where('robot_version.id', '<', before);
  const rows = await select
    .orderBy('robot_version.id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return pageOf(rows, query, ({ id }) => id, toVersion);
}

/** The robot's id. @throws RocError ROC_NOT_FOUND */
export async function requireRobot(
  { db }: Reader,
  { tenantId, project, robot }: Omit<VersionRef, 'version'>,
): Promise<string> {
  const row = await db
    .selectFrom('robot')
    .innerJoin('project', 'project.id', 'robot.project_id')
    .select('robot.id')
    .where('robot.tenant_id', '=', tenantId)
    .where('project.name', '=', project)
    .where('robot.name', '=', robot)
    .executeTakeFirst();
  return found(row, `robot ${project}/${robot}`, 'See `roc robots list`, or publish it first.').id;
}

// Locks the robot, so that two who publish one version at once are told apart by what they bring.
async function ensureRobot(tx: Tx, args: NewVersion): Promise<string> {
  const projectId = await requireProject(tx, args.tenantId, args.project);
  const find = () =>
    tx.dialect
      .lock(
        tx.db
          .selectFrom('robot')
          .select('id')
          .where('tenant_id', '=', args.tenantId)
          .where('project_id', '=', projectId)
          .where('name', '=', args.robot),
      )
      .executeTakeFirst();
  const known = await find();
  if (known !== undefined) return known.id;
  const id = await tx.newId();
  try {
    await tx.db
      .insertInto('robot')
      .values({
        id,
        tenant_id: args.tenantId,
        project_id: projectId,
        name: args.robot,
        created_at: await tx.now(),
      })
      .execute();
    return id;
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    return found(await find(), `robot ${args.robot}`, 'Publish it again.').id;
  }
}

function sameContent({ shown }: StoredVersion, args: NewVersion): RobotVersion {
  if (shown.digest === args.digest) return shown;
  throw new RocError(
    'ROC_VERSION_EXISTS',
    `${args.robot}@${args.version} is published already, with other content`,
    { hint: 'A version never changes: raise the version in robot.yaml and publish that.' },
  );
}

function selectVersions({ db }: Reader, ref: Omit<VersionRef, 'version'>) {
  return db
    .selectFrom('robot_version')
    .innerJoin('robot', 'robot.id', 'robot_version.robot_id')
    .innerJoin('project', 'project.id', 'robot.project_id')
    .leftJoin('version_signature', 'version_signature.version_id', 'robot_version.id')
    .leftJoin('publisher', 'publisher.id', 'version_signature.publisher_id')
    .selectAll('robot_version')
    .select(['robot.name as robot_name', 'project.name as project_name', 'publisher.key_id as signer'])
    .where('robot_version.tenant_id', '=', ref.tenantId)
    .where('robot.name', '=', ref.robot)
    .where('project.name', '=', ref.project);
}

type VersionRow = Awaited<ReturnType<ReturnType<typeof selectVersions>['executeTakeFirstOrThrow']>>;

function toVersion(row: VersionRow): RobotVersion {
  const manifest = fromJson<RobotManifest>(row.manifest);
  return {
    id: row.id,
    project: row.project_name,
    robot: row.robot_name,
    version: row.version,
    state: row.state,
    digest: row.digest,
    sha256: row.sha256,
    sizeBytes: row.size_bytes,
    entrypoint: [...manifest.entrypoint],
    platforms: [...manifest.platforms],
    inputs: manifest.inputs,
    timeoutMs: manifest.timeoutMs,
    idempotent: manifest.idempotent,
    // Absent in manifests of versions that were published before robots could name any.
    assets: [...(manifest.assets ?? [])],
    description: manifest.description ?? null,
    signedBy: row.signer,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
  };
}

export async function isVersionBlob({ db }: Reader, blobKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('robot_version')
    .select('id')
    .where('blob_key', '=', blobKey)
    .executeTakeFirst();
  return row !== undefined;
}
