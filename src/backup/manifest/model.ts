/** A manifest: what a database held at one instant, as counts and digests a chunk. Frozen: version 1 stays readable. */
import { z } from 'zod';
import { TABLE_MODES } from '../model.js';

const key = z.array(z.string().max(1600)).max(32);
const count = z.int().nonnegative();

const chunk = z.strictObject({
  /** Last key of the chunk; null: up to the end, or, of an append-only table, up to the watermark. */
  upTo: key.nullable(),
  rows: count,
  digest: z.string().regex(/^(?:[0-9a-f]{16}|\d{1,40})$/),
});

const table = z.strictObject({
  name: z.string().min(1),
  mode: z.enum(TABLE_MODES),
  rows: count,
  /** Bytes of the clustered index when it was taken; an estimate of the server. */
  bytes: count,
  fold: z.enum(['xor', 'sum']),
  /** Key columns the chunks are cut by; empty: one chunk. */
  key: z.array(z.string()),
  /** Greatest key when it was taken, of an append-only table. */
  watermark: key.nullable(),
  /** SHA-256 of the columns and their forms: digests of other columns cannot be compared. */
  columns: z.string().regex(/^[0-9a-f]{64}$/),
  chunks: z.array(chunk).min(1),
});

const schemaObject = z.strictObject({ kind: z.string(), name: z.string(), definition: z.string() });

const database = z.strictObject({
  name: z.string().min(1),
  schema: z.array(schemaObject),
  tables: z.array(table),
  excluded: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
});

export const manifestSchema = z.strictObject({
  kind: z.literal('roc-backup-manifest'),
  version: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  asset: z.string(),
  /** RDS's name of the source. */
  source: z.string(),
  server: z.strictObject({ version: z.string() }),
  encoding: z.literal('roc-row-1'),
  takenAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Rows that anybody wrote while it was taken: 0 makes it exact, null is not known. */
  written: count.nullable(),
  /** Rows that the server had written since its start when it was finished; null is not known. */
  counter: count.nullable(),
  databases: z.array(database).min(1),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestDatabase = z.output<typeof database>;
export type ManifestTable = z.output<typeof table>;
export type TableMode = ManifestTable['mode'];
