/** Assets: shared values as text, secrets sealed; for all environments, or for one. */
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { SealedSecret } from '../assets/asset-crypto.js';
import { deleteGrantsOf, namesOfGrants } from './asset-grants.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { requireProject } from './places.js';
import type { AssetTable } from './proof-tables.js';
import { found, toText } from './rows.js';
import type { Reader, Tx } from './store.js';

export type Asset = ReplyOf<'assets.show'>;

export interface AssetRef {
  readonly tenantId: string;
  readonly project: string;
  readonly asset: string;
  /** Null: the one for all environments that have none of their own. */
  readonly environment: string | null;
}

export interface StoredAsset {
  readonly shown: Asset;
  /** Null for a text. */
  readonly secret: SealedSecret | null;
}

export type AssetValue =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'secret'; readonly secret: SealedSecret };

/** By name. */
export async function listAssets(
  reader: Reader,
  query: PageQuery & Pick<AssetRef, 'tenantId' | 'project'>,
): Promise<Page<Asset>> {
  await requireProject(reader, query.tenantId, query.project);
  const rows = await selectAssets(reader, query)
    .where('asset.name', '>', keyOfCursor(query) ?? '')
    .orderBy('asset.name')
    .limit(query.limit + 1)
    .execute();
  const page = pageOf(
    rows,
    query,
    ({ name }) => name,
    (row) => row,
  );
  const grants = await namesOfGrants(
    reader,
    page.items.map(({ id }) => id),
  );
  return { ...page, items: page.items.map((row) => toAsset(row, grants.get(row.id)).shown) };
}

export async function findAsset(reader: Reader, ref: AssetRef): Promise<StoredAsset | null> {
  const row = await selectAssets(reader, ref).where('asset.name', '=', slotOf(ref)).executeTakeFirst();
  return row === undefined ? null : toAsset(row, (await namesOfGrants(reader, [row.id])).get(row.id));
}

/** What jobs of an environment get by this name: its own one, else the shared one. */
export async function findAssetFor(
  reader: Reader,
  ref: AssetRef & { readonly environment: string },
): Promise<StoredAsset | null> {
  return (await findAsset(reader, ref)) ?? (await findAsset(reader, { ...ref, environment: null }));
}

/** @throws RocError ROC_NOT_FOUND */
export async function getAsset(reader: Reader, ref: AssetRef): Promise<StoredAsset> {
  const asset = (await findAsset(reader, ref)) ?? undefined;
  const where = ref.environment === null ? '' : ` for ${ref.environment}`;
  return found(asset, `asset ${ref.project}/${ref.asset}${where}`, 'See `roc assets list`.');
}

/** Makes or replaces it. The id is the caller's, since a secret is sealed for it. @throws RocError ROC_CONFLICT where two make it at once */
export async function putAsset(
  tx: Tx,
  ref: AssetRef,
  {
    id,
    isNew,
    updatedBy,
    content,
  }: {
    readonly id: string;
    readonly isNew: boolean;
    readonly updatedBy: string;
    readonly content: AssetValue;
  },
): Promise<Asset> {
  const { kind } = content;
  const columns = {
    kind,
    plain_value: content.kind === 'text' ? toText(content.value) : null,
    sealed_value: content.kind === 'secret' ? content.secret.sealed : null,
    wrapped_key: content.kind === 'secret' ? content.secret.wrappedKey : null,
    updated_by: updatedBy,
    updated_at: await tx.now(),
  };
  if (isNew) await insert(tx, ref, id, columns);
  else await tx.db.updateTable('asset').set(columns).where('id', '=', id).execute();
  return (await getAsset(tx, ref)).shown;
}

export async function deleteAsset(tx: Tx, ref: AssetRef): Promise<Asset> {
  const { shown } = await getAsset(tx, ref);
  await tx.db.deleteFrom('asset').where('id', '=', shown.id).execute();
  await deleteGrantsOf(tx, shown.id);
  return shown;
}

async function insert(
  tx: Tx,
  ref: AssetRef,
  id: string,
  columns: Omit<AssetTable, 'id' | 'tenant_id' | 'project_id' | 'name'>,
): Promise<void> {
  const { tenantId } = ref;
  const project_id = await requireProject(tx, tenantId, ref.project);
  try {
    await tx.db
      .insertInto('asset')
      .values({ id, tenant_id: tenantId, project_id, name: slotOf(ref), ...columns })
      .execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    throw new RocError('ROC_CONFLICT', `somebody else made the asset ${ref.asset} in this moment`, {
      hint: 'Set it again.',
    });
  }
}

/**
 * The column `name` says for which environment, too. No name holds an `@`: a node of an older version can neither ask
 * for such a row nor hand it to a job of another environment.
 */
function slotOf({ asset, environment }: Pick<AssetRef, 'asset' | 'environment'>): string {
  return environment === null ? asset : `${asset}@${environment}`;
}

/** The reverse of what names a row. */
export function partsOfSlot(slot: string): Pick<AssetRef, 'asset' | 'environment'> {
  const [asset = '', environment = null] = slot.split('@');
  return { asset, environment };
}

function selectAssets({ db }: Reader, { tenantId, project }: Pick<AssetRef, 'tenantId' | 'project'>) {
  return db
    .selectFrom('asset')
    .innerJoin('project', 'project.id', 'asset.project_id')
    .selectAll('asset')
    .select('project.name as project_name')
    .where('asset.tenant_id', '=', tenantId)
    .where('project.name', '=', project);
}

type AssetRow = Awaited<ReturnType<ReturnType<typeof selectAssets>['executeTakeFirstOrThrow']>>;

function toAsset(row: AssetRow, grants: readonly string[] = []): StoredAsset {
  const { sealed_value: sealed, wrapped_key: wrappedKey } = row;
  const { asset, environment } = partsOfSlot(row.name);
  return {
    shown: {
      id: row.id,
      project: row.project_name,
      name: asset,
      environment,
      kind: row.kind,
      grants: [...grants],
      value: row.plain_value,
      updatedBy: row.updated_by,
      updatedAt: isoTime(row.updated_at),
    },
    secret: sealed === null || wrappedKey === null ? null : { sealed, wrappedKey },
  };
}
