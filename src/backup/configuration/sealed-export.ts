/** An export of configuration as a file: what it is in the clear, what it holds encrypted (ROC1) under a key of its own. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { parseWith } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { createSealer, decryptChunks } from '../../protocol/package/chunks.js';
import { type ConfigItem, canonicalItems } from './items.js';

/** Who wraps the key of an export. */
export interface ExportKeys {
  generate(context: Readonly<Record<string, string>>): Promise<{ key: Buffer; wrapped: string }>;
  unwrap(wrapped: string, context: Readonly<Record<string, string>>): Promise<Buffer>;
}

const exportSchema = z.strictObject({
  kind: z.literal('roc-config-export'),
  version: z.literal(1),
  id: z.string().min(1).max(64),
  asset: z.string().min(1).max(64),
  takenAt: z.iso.datetime(),
  items: z.int().nonnegative(),
  /** Of the canonical items before they were encrypted. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  wrapped: z.string().min(1).max(10_000),
  body: z.base64(),
});

export type SealedExport = z.output<typeof exportSchema>;

const itemsSchema = z.array(z.strictObject({ name: z.string(), value: z.unknown() }));

export async function sealExport(
  items: readonly ConfigItem[],
  head: { readonly id: string; readonly asset: string; readonly takenAt: string },
  keys: ExportKeys,
): Promise<string> {
  const plain = Buffer.from(canonicalItems(items));
  const { key, wrapped } = await keys.generate(contextOf(head));
  const sealer = createSealer(key, packageOf(head));
  const body = Buffer.concat([...sealer.add(plain), ...sealer.end()]).toString('base64');
  key.fill(0);
  const sha256 = createHash('sha256').update(plain).digest('hex');
  return canonicalJson({
    kind: 'roc-config-export',
    version: 1,
    ...head,
    items: items.length,
    sha256,
    wrapped,
    body,
  });
}

/** @throws RocError ROC_INVALID_INPUT */
export function readExport(file: string, content: string): SealedExport {
  try {
    return parseWith(exportSchema, JSON.parse(content), { what: 'export', file, code: 'ROC_INVALID_INPUT' });
  } catch (cause) {
    if (cause instanceof RocError) throw cause;
    throw new RocError('ROC_INVALID_INPUT', `${file} is no JSON`, { hint: 'Name an export of roc.', cause });
  }
}

/** @throws RocError ROC_BLOB_CORRUPT where it was changed, or belongs to another asset */
export async function openExport(sealed: SealedExport, keys: ExportKeys): Promise<ConfigItem[]> {
  const key = await keys.unwrap(sealed.wrapped, contextOf(sealed));
  const bytes = Buffer.from(sealed.body, 'base64');
  const plain = await text(Readable.from([bytes]).pipe(decryptChunks(key, packageOf(sealed))));
  key.fill(0);
  if (createHash('sha256').update(plain).digest('hex') !== sealed.sha256)
    throw new RocError('ROC_BLOB_CORRUPT', 'the export opens, but does not have its SHA-256', {
      hint: 'Take another export.',
    });
  return itemsSchema.parse(JSON.parse(plain)) as ConfigItem[];
}

function contextOf({
  id,
  asset,
  takenAt,
}: {
  id: string;
  asset: string;
  takenAt: string;
}): Record<string, string> {
  return { purpose: 'roc-config-export', asset, id, takenAt };
}

function packageOf({ id, asset, takenAt }: { id: string; asset: string; takenAt: string }) {
  return { tenant: 'roc-config-export', robot: asset, version: `${id} ${takenAt}` };
}
