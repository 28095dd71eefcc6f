/** Assets of a project. */
import { RocError } from '../../../kernel/errors.js';
import { assetContext, openSecret, sealSecret } from '../../assets/asset-crypto.js';
import { giveAsset, takeAsset } from '../../store/asset-grants.js';
import { type AssetRef, deleteAsset, findAsset, getAsset, listAssets, putAsset } from '../../store/assets.js';
import { newUlid } from '../../store/ids.js';
import { requirePlace, requireProject } from '../../store/places.js';
import { getProcess } from '../../store/processes.js';
import type { Tx } from '../../store/store.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type AssetRoutes = Extract<keyof Handlers, `assets.${string}`>;
type AssetParts = Pick<ServerParts, 'store' | 'packages' | 'auth'>;

export function assetHandlers(parts: AssetParts): Pick<Handlers, AssetRoutes> {
  const { store, auth } = parts;
  return {
    'assets.list': ({ caller, query }) => listAssets(store, { ...query, tenantId: caller.tenantId }),
    'assets.show': async (call) => (await getAsset(store, refOf(call))).shown,
    'assets.set': (call) => set(parts, call),
    'assets.reveal': (call) => reveal(parts, call),
    'assets.delete': async (call) => {
      await call.transact(async (tx) => {
        const { id, name, kind, environment } = await deleteAsset(tx, refOf(call));
        call.tell({ target: { kind: 'asset', id, name }, before: { kind, environment } });
      });
    },
    'assets.grant': (call) =>
      call.transact(async (tx) => {
        const grant = await grantOf(tx, call);
        await giveAsset(tx, grant, { seal: auth.rowSeal, createdBy: call.caller.email });
        return (await getAsset(tx, refOf(call))).shown;
      }),
    'assets.revoke': (call) =>
      call.transact(async (tx) => {
        await takeAsset(tx, await grantOf(tx, call));
        return (await getAsset(tx, refOf(call))).shown;
      }),
  };
}

/** A secret is sealed before the transaction: the master key may be a network away. */
async function set({ store, packages }: AssetParts, call: Call<'assets.set'>) {
  const ref = refOf(call);
  const { tenantId, environment } = ref;
  const { kind, value } = call.body;
  await requireProject(store, tenantId, ref.project);
  if (environment !== null) await requirePlace(store, 'environment', tenantId, environment);
  const former = (await findAsset(store, ref))?.shown;
  const id = former?.id ?? newUlid(await store.now());
  const context = assetContext(tenantId, id, environment);
  const content =
    kind === 'text' ? { kind, value } : { kind, secret: await sealSecret(packages.kms, context, value) };
  if (former !== undefined) call.tell({ before: { kind: former.kind } });
  const args = { id, content, isNew: former === undefined, updatedBy: call.caller.email };
  return call.transact((tx) => putAsset(tx, ref, args));
}

async function reveal({ store, packages }: AssetParts, call: Call<'assets.reveal'>) {
  const ref = refOf(call);
  const { shown, secret } = await getAsset(store, ref);
  const { id, name } = shown;
  if (secret === null) {
    throw new RocError('ROC_INVALID_INPUT', `${name} is no secret`, {
      hint: 'Read it with `roc assets get`.',
    });
  }
  const context = assetContext(ref.tenantId, id, ref.environment);
  const value = await openSecret(packages.kms, context, secret);
  // Nobody sees it before the chain says so.
  return call.transact(async () => ({ id, name, value }));
}

async function grantOf(tx: Tx, call: Call<'assets.grant'> | Call<'assets.revoke'>) {
  const ref = refOf(call);
  const { id, kind, name } = (await getAsset(tx, ref)).shown;
  if (kind === 'text') {
    throw new RocError('ROC_INVALID_INPUT', `${name} is no secret: every job of the project may read it`, {
      hint: 'Only secrets are given to processes.',
    });
  }
  const { process } = call.body;
  const { tenantId, project } = ref;
  const processId = process === undefined ? null : (await getProcess(tx, { tenantId, project, process })).id;
  return { tenantId, assetId: id, processId };
}

function refOf(call: {
  readonly caller: { readonly tenantId: string };
  readonly params: { readonly asset: string };
  readonly query: { readonly project: string; readonly environment?: string | undefined };
}): AssetRef {
  const { project, environment = null } = call.query;
  return { tenantId: call.caller.tenantId, project, asset: call.params.asset, environment };
}
