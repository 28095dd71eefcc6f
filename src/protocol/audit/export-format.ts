/** A chain as a file: JSON Lines with a head, the checkpoints, every event, and a signed receipt that ends it. */
import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import type { ChainedEvent } from './chain.js';
import { type AuditKeys, type Checkpoint, checkpointSchema } from './checkpoint.js';

const headSchema = z.strictObject({
  rocAudit: z.literal(1),
  tenant: z.string(),
  tenantName: z.string(),
  /** Public keys (PEM): a convenience; who proves something brings the key from elsewhere. */
  keys: z.array(z.strictObject({ id: z.string(), publicKey: z.string() })),
});

const receiptSchema = z.strictObject({
  exportedAt: z.iso.datetime(),
  tenant: z.string(),
  /** The last event of the file and its hash. */
  seq: z.number().int().min(0),
  hash: z.string(),
  /** Events, the first of them, whose searchable columns in the database were changed. */
  hidden: z.array(z.number().int()).max(100),
  keyId: z.string(),
  signature: z.string(),
});

export type ExportHead = z.output<typeof headSchema>;
export type ExportReceipt = z.output<typeof receiptSchema>;
export type UnsignedReceipt = Omit<ExportReceipt, 'signature'>;

export type ExportLine =
  | { readonly kind: 'head'; readonly head: ExportHead }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'event'; readonly event: ChainedEvent }
  | { readonly kind: 'receipt'; readonly receipt: ExportReceipt };

export function headLine(head: ExportHead): string {
  return `${canonicalJson(head)}\n`;
}

export function checkpointLine(checkpoint: Checkpoint): string {
  return `${canonicalJson({ checkpoint })}\n`;
}

/** The body goes in as it is: canonical JSON within canonical JSON. */
export function eventLine({ body, hash }: Pick<ChainedEvent, 'body' | 'hash'>): string {
  return `${EVENT_BEGIN}${body}${eventEnd(hash)}\n`;
}

export function receiptLine(unsigned: UnsignedReceipt, key: KeyObject): string {
  const signature = sign(null, Buffer.from(canonicalJson(unsigned)), key).toString('base64url');
  return `${canonicalJson({ receipt: { ...unsigned, signature } })}\n`;
}

export function isReceiptSigned({ signature, ...unsigned }: ExportReceipt, keys: AuditKeys): boolean {
  const key = keys.get(unsigned.keyId);
  if (key === undefined) return false;
  return verify(null, Buffer.from(canonicalJson(unsigned)), key, Buffer.from(signature, 'base64url'));
}

/** @throws RocError ROC_INVALID_INPUT for a line that no export has */
export function readExportLine(line: string, number: number): ExportLine {
  if (line.startsWith(EVENT_BEGIN)) return { kind: 'event', event: readEvent(line, number) };
  const value = parse(line, number);
  const head = headSchema.safeParse(value).data;
  if (head !== undefined) return { kind: 'head', head };
  const checkpoint = z.strictObject({ checkpoint: checkpointSchema }).safeParse(value).data;
  if (checkpoint !== undefined) return { kind: 'checkpoint', ...checkpoint };
  const receipt = z.strictObject({ receipt: receiptSchema }).safeParse(value).data;
  if (receipt !== undefined) return { kind: 'receipt', ...receipt };
  throw notExported(number);
}

const EVENT_BEGIN = '{"event":';
const HASH_LENGTH = 64;

function eventEnd(hash: string): string {
  return `,"hash":"${hash}"}`;
}

/** The exact bytes between the two ends: parsing and writing anew would cost more than hashing. */
function readEvent(line: string, number: number): ChainedEvent {
  const end = line.length - eventEnd('').length - HASH_LENGTH;
  const [body, hash] = [line.slice(EVENT_BEGIN.length, end), line.slice(-HASH_LENGTH - 2, -2)];
  const { seq } = parse(body, number) as { readonly seq?: unknown };
  if (line.slice(end) !== eventEnd(hash) || typeof seq !== 'number') throw notExported(number);
  return { seq, body, hash };
}

function parse(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notExported(number);
  }
}

function notExported(number: number): RocError {
  return new RocError('ROC_INVALID_INPUT', `line ${number} is not one of an audit export`, {
    hint: 'Pass the file that `roc audit export` wrote, unchanged.',
  });
}
