/** Which processes a secret is given to; each row is sealed, so that none counts that the server did not make. */
import { isSameHash } from '../auth/api-key-token.js';
import type { RowSeal } from '../auth/row-seals.js';
import type { AssetGrantTable } from './proof-tables.js';
import type { Reader, Tx } from './store.js';

export interface AssetGrant {
  readonly tenantId: string;
  readonly assetId: string;
  /** Null: every process of the asset's project. */
  readonly processId: string | null;
}

const ALL = '';
const KIND = 'asset_grant';

/** Given twice, it is given once. */
export async function giveAsset(
  tx: Tx,
  grant: AssetGrant,
  { seal, createdBy }: { readonly seal: RowSeal; readonly createdBy: string },
): Promise<void> {
  const key = keyOf(grant);
  const row: AssetGrantTable = {
    ...key,
    seal: seal(KIND, key),
    created_by: createdBy,
    created_at: await tx.now(),
  };
  await takeAsset(tx, grant);
  await tx.db.insertInto('asset_grant').values(row).execute();
}

export async function takeAsset({ db }: Tx, grant: AssetGrant): Promise<void> {
  const { asset_id, process_id } = keyOf(grant);
  await db
    .deleteFrom('asset_grant')
    .where('asset_id', '=', asset_id)
    .where('process_id', '=', process_id)
    .execute();
}

export async function deleteGrantsOf({ db }: Tx, assetId: string): Promise<void> {
  await db.deleteFrom('asset_grant').where('asset_id', '=', assetId).execute();
}

/** Whether jobs of this process get it. */
export async function isGiven(
  { db }: Reader,
  { assetId, processId }: { readonly assetId: string; readonly processId: string },
  seal: RowSeal,
): Promise<boolean> {
  const rows = await db
    .selectFrom('asset_grant')
    .selectAll()
    .where('asset_id', '=', assetId)
    .where('process_id', 'in', [ALL, processId])
    .execute();
  return rows.some(({ tenant_id, asset_id, process_id, seal: made }) =>
    isSameHash(made, seal(KIND, { tenant_id, asset_id, process_id })),
  );
}

/** Names of processes by asset, `*` for all. */
export async function namesOfGrants(
  { db }: Reader,
  assetIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> {
  if (assetIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('asset_grant')
    .leftJoin('process', 'process.id', 'asset_grant.process_id')
    .select(['asset_grant.asset_id', 'asset_grant.process_id', 'process.name'])
    .where('asset_grant.asset_id', 'in', assetIds)
    .execute();
  const names = new Map<string, string[]>();
  for (const { asset_id, process_id, name } of rows) {
    const shown = process_id === ALL ? '*' : name;
    if (shown !== null) names.set(asset_id, [...(names.get(asset_id) ?? []), shown].sort());
  }
  return names;
}

function keyOf({ tenantId, assetId, processId }: AssetGrant) {
  return { tenant_id: tenantId, asset_id: assetId, process_id: processId ?? ALL };
}
