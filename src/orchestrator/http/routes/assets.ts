/** Assets of a project. */
import { RocError } from '../../../kernel/errors.js';
import { assetContext, openSecret, sealSecret } from '../../assets/asset-crypto.js';
import { type AssetRef, deleteAsset, findAsset, getAsset, listAssets, putAsset } from '../../store/assets.js';
import { newUlid } from '../../store/ids.js';
import { requireProject } from '../../store/places.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type AssetRoutes = Extract<keyof Handlers, `assets.${string}`>;

export function assetHandlers(parts: Pick<ServerParts, 'store' | 'packages'>): Pick<Handlers, AssetRoutes> {
  const { store } = parts;
  return {
    'assets.list': ({ caller, query }) => listAssets(store, { ...query, tenantId: caller.tenantId }),
    'assets.show': async (call) => (await getAsset(store, refOf(call))).shown,
    'assets.set': (call) => set(parts, call),
    'assets.reveal': (call) => reveal(parts, call),
    'assets.delete': async (call) => {
      await call.transact(async (tx) => {
        const { id, name, kind } = await deleteAsset(tx, refOf(call));
        call.tell({ target: { kind: 'asset', id, name }, before: { kind } });
      });
    },
  };
}

/** A secret is sealed before the transaction: the master key may be a network away. */
async function set({ store, packages }: Pick<ServerParts, 'store' | 'packages'>, call: Call<'assets.set'>) {
  const ref = refOf(call);
  const { kind, value } = call.body;
  await requireProject(store, ref.tenantId, ref.project);
  const former = (await findAsset(store, ref))?.shown;
  const id = former?.id ?? newUlid(await store.now());
  const content =
    kind === 'text'
      ? { kind, value }
      : { kind, secret: await sealSecret(packages.kms, assetContext(ref.tenantId, id), value) };
  if (former !== undefined) call.tell({ before: { kind: former.kind } });
  const args = { id, content, isNew: former === undefined, updatedBy: call.caller.email };
  return call.transact((tx) => putAsset(tx, ref, args));
}

async function reveal(
  { store, packages }: Pick<ServerParts, 'store' | 'packages'>,
  call: Call<'assets.reveal'>,
) {
  const ref = refOf(call);
  const { shown, secret } = await getAsset(store, ref);
  const { id, name } = shown;
  if (secret === null) {
    throw new RocError('ROC_INVALID_INPUT', `${name} is no secret`, {
      hint: 'Read it with `roc assets get`.',
    });
  }
  const value = await openSecret(packages.kms, assetContext(ref.tenantId, id), secret);
  // Nobody sees it before the chain says so.
  return call.transact(async () => ({ id, name, value }));
}

function refOf(call: {
  readonly caller: { readonly tenantId: string };
  readonly params: { readonly asset: string };
  readonly query: { readonly project: string };
}): AssetRef {
  return { tenantId: call.caller.tenantId, project: call.query.project, asset: call.params.asset };
}
