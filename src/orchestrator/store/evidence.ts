/** Evidence: what is known of each envelope without opening it. */
import type { Generated, Selectable } from 'kysely';
import { isoTime } from '../../kernel/time.js';
import type { EvidenceEnvelope } from '../../protocol/contracts/evidence.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import { statementDigest } from '../../protocol/evidence-signature.js';
import { keyOfCursor, type Page, type PageQuery, pageOf } from './page.js';
import { found, fromJson, toJson, toText } from './rows.js';
import type { Reader, Tx } from './store.js';

export type Evidence = ReplyOf<'evidence.show'>;

export interface EvidenceTable {
  id: string;
  tenant_id: string;
  kind: string;
  generated_at: number;
  scope: string;
  policy_hash: string | null;
  verdict: Evidence['verdict'];
  /** JSON object. */
  summary: string;
  sha256: string;
  /** JSON of the envelope's signature. */
  signature: string | null;
  /** Whose key it was; of what came before keys were looked at, nobody's. */
  publisher_id: Generated<string | null>;
  size_bytes: number;
  blob_key: string;
  wrapped_key: string;
  created_by: string;
  created_at: number;
}

/** Of what is signed: once in a tenant. */
export interface EvidenceStatementTable {
  tenant_id: string;
  digest: string;
  evidence_id: string;
}

/** Where an envelope lies and how it is opened. */
export interface EvidencePlace {
  readonly id: string;
  readonly blobKey: string;
  readonly wrappedKey: string;
  readonly sizeBytes: number;
}

export interface NewEvidence extends EvidencePlace {
  readonly tenantId: string;
  readonly envelope: EvidenceEnvelope;
  /** Whose key signed it. */
  readonly publisherId: string | null;
  readonly createdBy: string;
}

/** What is recorded of it now; not created where another one brought the same statement in this very moment. */
export async function insertEvidence(
  tx: Tx,
  { tenantId, envelope, ...args }: NewEvidence,
): Promise<Evidence & { readonly created: boolean }> {
  const first = await claimStatement(tx, tenantId, envelope, args.id);
  if (first !== null) return { ...first, created: false };
  const row: Selectable<EvidenceTable> = {
    id: args.id,
    tenant_id: tenantId,
    kind: envelope.kind,
    generated_at: Date.parse(envelope.generatedAt),
    scope: toText(envelope.scope),
    policy_hash: envelope.policyHash,
    verdict: envelope.verdict,
    summary: toJson(envelope.summary),
    sha256: envelope.sha256,
    signature: envelope.signature === null ? null : toJson(envelope.signature),
    publisher_id: args.publisherId,
    size_bytes: args.sizeBytes,
    blob_key: args.blobKey,
    wrapped_key: args.wrappedKey,
    created_by: args.createdBy,
    created_at: await tx.now(),
  };
  await tx.db.insertInto('evidence').values(row).execute();
  return { ...(await getEvidence(tx, tenantId, args.id)).shown, created: true };
}

/** What the same key said before, to the letter; null for what is new, or not signed. */
export async function findSameStatement(
  { db }: Reader,
  tenantId: string,
  envelope: EvidenceEnvelope,
): Promise<Evidence | null> {
  const digest = statementDigest(envelope);
  if (digest === null) return null;
  const row = await selectEvidence(db, tenantId)
    .innerJoin('evidence_statement as said', 'said.evidence_id', 'evidence.id')
    .where('said.tenant_id', '=', tenantId)
    .where('said.digest', '=', digest)
    .executeTakeFirst();
  return row === undefined ? null : toEvidence(row);
}

/** What is recorded of this statement already; null where it is this one's now, or nobody signed it. */
async function claimStatement(
  tx: Tx,
  tenantId: string,
  envelope: EvidenceEnvelope,
  evidenceId: string,
): Promise<Evidence | null> {
  const digest = statementDigest(envelope);
  if (digest === null) return null;
  const row = { tenant_id: tenantId, digest, evidence_id: evidenceId };
  try {
    await tx.db.insertInto('evidence_statement').values(row).execute();
    return null;
  } catch (error) {
    const first = tx.dialect.isDuplicate(error) ? await findSameStatement(tx, tenantId, envelope) : null;
    if (first === null) throw error;
    return first;
  }
}

/** Newest first. */
export async function listEvidence(
  { db }: Reader,
  query: PageQuery & {
    readonly tenantId: string;
    readonly kind?: string | undefined;
    readonly verdict?: Evidence['verdict'] | undefined;
    readonly scope?: string | undefined;
  },
): Promise<Page<Evidence>> {
  const before = keyOfCursor(query);
  const rows = await selectEvidence(db, query.tenantId)
    .$if(before !== null, (some) => some.where('evidence.id', '<', before ?? ''))
    .$if(query.kind !== undefined, (some) => some.where('kind', '=', query.kind ?? ''))
    .$if(query.verdict !== undefined, (some) => some.where('verdict', '=', query.verdict ?? 'unknown'))
    .$if(query.scope !== undefined, (some) => some.where('scope', '=', query.scope ?? ''))
    .orderBy('evidence.id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return pageOf(rows, query, ({ id }) => id, toEvidence);
}

/** @throws RocError ROC_NOT_FOUND */
export async function getEvidence(
  reader: Reader,
  tenantId: string,
  id: string,
): Promise<{ readonly shown: Evidence; readonly place: EvidencePlace }> {
  const row = await selectEvidence(reader.db, tenantId).where('evidence.id', '=', id).executeTakeFirst();
  const known = found(row, `evidence ${id}`, 'See `roc evidence list`.');
  const { blob_key, wrapped_key, size_bytes } = known;
  const place = { id, blobKey: blob_key, wrappedKey: wrapped_key, sizeBytes: size_bytes };
  return { shown: toEvidence(known), place };
}

export async function isEvidenceBlob({ db }: Reader, blobKey: string): Promise<boolean> {
  const row = await db.selectFrom('evidence').select('id').where('blob_key', '=', blobKey).executeTakeFirst();
  return row !== undefined;
}

function selectEvidence(db: Reader['db'], tenantId: string) {
  return db
    .selectFrom('evidence')
    .leftJoin('publisher', 'publisher.id', 'evidence.publisher_id')
    .selectAll('evidence')
    .select(['publisher.name as signer', 'publisher.key_id as signer_key', 'publisher.revoked_at'])
    .where('evidence.tenant_id', '=', tenantId);
}

type EvidenceRow = Awaited<ReturnType<ReturnType<typeof selectEvidence>['executeTakeFirstOrThrow']>>;

function signerOf({ signer, signer_key, revoked_at }: EvidenceRow): Evidence['signedBy'] {
  if (signer === null || signer_key === null) return null;
  return { name: signer, keyId: signer_key, state: revoked_at === null ? 'trusted' : 'revoked' };
}

function toEvidence(row: EvidenceRow): Evidence {
  return {
    id: row.id,
    kind: row.kind,
    generatedAt: isoTime(row.generated_at),
    scope: row.scope,
    policyHash: row.policy_hash,
    verdict: row.verdict,
    summary: fromJson(row.summary),
    sha256: row.sha256,
    signature: fromJson<NonNullable<Evidence['signature']>>(row.signature),
    signedBy: signerOf(row),
    sizeBytes: row.size_bytes,
    createdBy: row.created_by,
    createdAt: isoTime(row.created_at),
  };
}
