/** Robots and their versions; a package is only ever streamed, in and out. */
import { ulid } from 'ulid';
import { URL_CLASS_LIMITS } from '../../../protocol/url-classes.js';
import { compileInputSchema } from '../../inputs/input-schema.js';
import { checkSignature } from '../../packages/check-signature.js';
import { openPackage } from '../../packages/open-package.js';
import { storePackage } from '../../packages/store-package.js';
import { requireProject } from '../../store/places.js';
import { listRobots } from '../../store/robots.js';
import {
  findVersion,
  getVersion,
  listVersions,
  publishVersion,
  type VersionRef,
  yankVersion,
} from '../../store/versions.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type RobotRoutes =
  | 'robots.list'
  | 'versions.list'
  | 'versions.show'
  | 'versions.publish'
  | 'versions.pull'
  | 'versions.yank';

export function robotHandlers(parts: ServerParts): Pick<Handlers, RobotRoutes> {
  const { store } = parts;
  return {
    'robots.list': ({ caller, query, sight }) =>
      listRobots(store, { ...query, sight, tenantId: caller.tenantId }),
    'versions.list': ({ caller, params, query }) =>
      listVersions(store, { ...query, ...params, tenantId: caller.tenantId }),
    'versions.show': async (call) => (await getVersion(store, refOf(call))).shown,
    'versions.publish': (call) => publish(parts, call),
    'versions.pull': (call) => pull(parts, call),
    'versions.yank': (call) =>
      call.transact(async (tx) => {
        const { state } = (await getVersion(tx, refOf(call))).shown;
        call.tell({ before: { state } });
        return yankVersion(tx, refOf(call));
      }),
  };
}

/** The bytes are stored first and recorded after, so that a recorded version always has its blob. */
async function publish(parts: ServerParts, call: Call<'versions.publish'>) {
  const { store, packages } = parts;
  const ref = refOf(call);
  await requireProject(store, ref.tenantId, ref.project);
  const blobKey = `package${ulid().toLowerCase()}`;
  const stored = await storePackage(
    packages,
    {
      ...{ tenant: ref.tenantId, project: ref.project, robot: ref.robot, version: ref.version },
      blobKey,
      expectedSha256: call.query.sha256,
      maxBytes: URL_CLASS_LIMITS.upload.bodyBytes,
    },
    call.body,
  );
  try {
    if (stored.manifest.inputs !== null) compileInputSchema(stored.manifest.inputs);
    const { project, robot, version: number } = ref;
    const claim = { project, robot, version: number, digest: stored.digest };
    const signed = await checkSignature(store, ref.tenantId, claim, call.query);
    const version = await call.transact((tx) =>
      publishVersion(tx, { ...ref, ...stored, sizeBytes: stored.size, createdBy: call.caller.email, signed }),
    );
    if (!version.created) await packages.blobs.delete(blobKey);
    call.setStatus(version.created ? 201 : 200);
    return version;
  } catch (error) {
    return recover(parts, ref, blobKey, error);
  }
}

/**
 * A refusal leaves nothing behind. Where the database went away in the middle nobody knows whether the version was
 * recorded: it is asked, and while it does not answer the blob stays, since one too many is better than one missing.
 */
async function recover({ store, packages }: ServerParts, ref: VersionRef, blobKey: string, error: unknown) {
  const recorded = await findVersion(store, ref);
  if (recorded?.blobKey === blobKey) return { ...recorded.shown, created: true };
  await packages.blobs.delete(blobKey);
  throw error;
}

async function pull({ store, packages }: ServerParts, call: Call<'versions.pull'>) {
  const ref = refOf(call);
  const version = await getVersion(store, ref);
  const { sha256, digest } = version.shown;
  const { stream, size } = await openPackage(packages, { ...ref, ...version, tenant: ref.tenantId, sha256 });
  return {
    content: stream,
    type: 'application/zip',
    sizeBytes: size,
    headers: { etag: `"${digest}"`, 'x-content-sha256': sha256 },
  };
}

function refOf(call: {
  readonly caller: { readonly tenantId: string };
  readonly params: { readonly robot: string; readonly version: string };
  readonly query: { readonly project: string };
}): VersionRef {
  const { robot, version } = call.params;
  return { tenantId: call.caller.tenantId, project: call.query.project, robot, version };
}
