/** Publishers' keys, the signatures made with them, and where signatures are demanded. */
import type { Selectable } from 'kysely';
import { RocError } from '../../kernel/errors.js';
import { isoTime } from '../../kernel/time.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import type { PublisherTable } from './proof-tables.js';
import { found } from './rows.js';
import type { Reader, Tx } from './store.js';

export type Publisher = ReplyOf<'publishers.create'>;
export type Purpose = Publisher['purpose'];
type PublisherRow = Selectable<PublisherTable>;

/** @throws RocError ROC_CONFLICT for a key that the tenant has */
export async function insertPublisher(
  tx: Tx,
  args: {
    readonly tenantId: string;
    readonly name: string;
    readonly keyId: string;
    readonly publicKey: string;
    readonly purpose: Purpose;
    readonly createdBy: string;
  },
): Promise<Publisher> {
  const row: PublisherRow = {
    id: await tx.newId(),
    tenant_id: args.tenantId,
    name: args.name,
    key_id: args.keyId,
    public_key: args.publicKey,
    created_by: args.createdBy,
    created_at: await tx.now(),
    revoked_at: null,
    purpose: args.purpose,
  };
  try {
    await tx.db.insertInto('publisher').values(row).execute();
  } catch (error) {
    if (!tx.dialect.isDuplicate(error)) throw error;
    throw new RocError('ROC_CONFLICT', `the key ${args.keyId} is a publisher's already, or was`, {
      hint: 'A key that was revoked is not trusted again: make a new one with `roc robots keygen`.',
    });
  }
  return toPublisher(row);
}

export async function listPublishers(
  { db }: Reader,
  query: PageQuery & { readonly tenantId: string },
): Promise<Page<Publisher>> {
  const after = keyOfCursor(query) ?? '';
  const rows = await db
    .selectFrom('publisher')
    .selectAll()
    .where('tenant_id', '=', query.tenantId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(query.limit + 1)
    .execute();
  return pageOf(rows, query, ({ id }) => id, toPublisher);
}

/** @throws RocError ROC_NOT_FOUND */
export async function revokePublisher(tx: Tx, tenantId: string, id: string): Promise<Publisher> {
  const row = await tx.db
    .selectFrom('publisher')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  const publisher = found(row, `publisher ${id}`, 'See `roc publishers list`.');
  await tx.db
    .updateTable('publisher')
    .set({ revoked_at: await tx.now() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  return toPublisher(publisher);
}

/** A publisher that the tenant trusts now for this, by the id of its key. */
export async function findPublisher(
  { db }: Reader,
  {
    tenantId,
    keyId,
    purpose,
  }: { readonly tenantId: string; readonly keyId: string; readonly purpose: Purpose },
): Promise<{ readonly id: string; readonly publicKey: string } | null> {
  const row = await db
    .selectFrom('publisher')
    .select(['id', 'public_key'])
    .where('tenant_id', '=', tenantId)
    .where('key_id', '=', keyId)
    .where('purpose', '=', purpose)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? null : { id: row.id, publicKey: row.public_key };
}

export async function insertSignature(
  tx: Tx,
  args: { readonly versionId: string; readonly publisherId: string; readonly signature: string },
): Promise<void> {
  const { versionId: version_id, publisherId: publisher_id, signature } = args;
  await tx.db
    .insertInto('version_signature')
    .values({ version_id, publisher_id, signature, created_at: await tx.now() })
    .execute();
}

export interface StoredSignature {
  readonly keyId: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly isTrusted: boolean;
}

/** The signatures of versions, by version. */
export async function readSignatures(
  { db }: Reader,
  versionIds: readonly string[],
): Promise<Map<string, StoredSignature>> {
  if (versionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('version_signature')
    .innerJoin('publisher', 'publisher.id', 'version_signature.publisher_id')
    .select(['version_signature.version_id', 'version_signature.signature'])
    .select(['publisher.key_id', 'publisher.public_key', 'publisher.revoked_at'])
    .where('version_signature.version_id', 'in', [...new Set(versionIds)])
    .execute();
  return new Map(
    rows.map(({ version_id, signature, key_id, public_key, revoked_at }) => [
      version_id,
      { signature, keyId: key_id, publicKey: public_key, isTrusted: revoked_at === null },
    ]),
  );
}

export async function needsSignature({ db }: Reader, environmentId: string): Promise<boolean> {
  const row = await db
    .selectFrom('environment_rule')
    .select('needs_signature')
    .where('environment_id', '=', environmentId)
    .executeTakeFirst();
  return row?.needs_signature === 1;
}

/** @returns whether signatures were demanded before */
export async function demandSignature(tx: Tx, environmentId: string, isDemanded: boolean): Promise<boolean> {
  const before = await needsSignature(tx, environmentId);
  const rule = { environment_id: environmentId, needs_signature: isDemanded ? (1 as const) : (0 as const) };
  await tx.db.deleteFrom('environment_rule').where('environment_id', '=', environmentId).execute();
  await tx.db.insertInto('environment_rule').values(rule).execute();
  return before;
}

function toPublisher(row: PublisherRow): Publisher {
  return {
    id: row.id,
    name: row.name,
    keyId: row.key_id,
    publicKey: row.public_key,
    purpose: row.purpose,
    state: row.revoked_at === null ? 'trusted' : 'revoked',
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
  };
}
