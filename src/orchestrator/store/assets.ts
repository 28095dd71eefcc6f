/** Assets: shared values as text, secrets sealed. */
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { SealedSecret } from '../assets/asset-crypto.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { requireProject } from './places.js';
import { found, toText } from './rows.js';
import type { Reader, Tx } from './store.js';

export type Asset = ReplyOf<'assets.show'>;

export interface AssetRef {
  readonly tenantId: string;
  readonly project: string;
  readonly asset: string;
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
  query: PageQuery & Omit<AssetRef, 'asset'>,
): Promise<Page<Asset>> {
  await requireProject(reader, query.tenantId, query.project);
  const rows = await selectAssets(reader, query)
    .where('asset.name', '>', keyOfCursor(query) ?? '')
    .orderBy('asset.name')
    .limit(query.limit + 1)
    .execute();
  return pageOf(
    rows,
    query,
    ({ name }) => name,
    (row) => toAsset(row).shown,
  );
}

export async function findAsset(reader: Reader, ref: AssetRef): Promise<StoredAsset | null> {
  const row = await selectAssets(reader, ref).where('asset.name', '=', ref.asset).executeTakeFirst();
  return row === undefined ? null : toAsset(row);
}

/** @throws RocError ROC_NOT_FOUND */
export async function getAsset(reader: Reader, ref: AssetRef): Promise<StoredAsset> {
  const asset = (await findAsset(reader, ref)) ?? undefined;
  return found(asset, `asset ${ref.project}/${ref.asset}`, 'See `roc assets list`.');
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
  return shown;
}

async function insert(
  tx: Tx,
  { tenantId, project, asset }: AssetRef,
  id: string,
  columns: Pick<
    Parameters<typeof toAsset>[0],
    'kind' | 'plain_value' | 'sealed_value' | 'wrapped_key' | 'updated_by' | 'updated_at'
  >,
): Promise<void> {
  const project_id = await requireProject(tx, tenantId, project);
  try {
    await tx.db
      .insertInto('asset')
      .values({ id, tenant_id: tenantId, project_id, name: asset, ...columns })
      .execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    throw new RocError('ROC_CONFLICT', `somebody else made the asset ${asset} in this moment`, {
      hint: 'Set it again.',
    });
  }
}

function selectAssets({ db }: Reader, { tenantId, project }: Omit<AssetRef, 'asset'>) {
  return db
    .selectFrom('asset')
    .innerJoin('project', 'project.id', 'asset.project_id')
    .selectAll('asset')
    .select('project.name as project_name')
    .where('asset.tenant_id', '=', tenantId)
    .where('project.name', '=', project);
}

type AssetRow = Awaited<ReturnType<ReturnType<typeof selectAssets>['executeTakeFirstOrThrow']>>;

function toAsset(row: AssetRow): StoredAsset {
  const { sealed_value: sealed, wrapped_key: wrappedKey } = row;
  return {
    shown: {
      id: row.id,
      project: row.project_name,
      name: row.name,
      kind: row.kind,
      value: row.plain_value,
      updatedBy: row.updated_by,
      updatedAt: isoTime(row.updated_at),
    },
    secret: sealed === null || wrappedKey === null ? null : { sealed, wrappedKey },
  };
}
