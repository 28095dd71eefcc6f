/** Verifies an exported chain line by line: needs the export and a public key, nothing of the server. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';
import type { ChainedEvent } from './chain.js';
import { type AuditKeys, auditKeyId, type Checkpoint } from './checkpoint.js';
import { type ExportHead, type ExportReceipt, isReceiptSigned, readExportLine } from './export-format.js';
import { type ChainVerdict, verifyChain } from './verify-chain.js';

export interface ExportToVerify {
  readonly lines: AsyncIterable<string>;
  /** PEM; null takes the keys that the export brings, which then proves nothing against who made it. */
  readonly publicKeys: readonly string[] | null;
  /** Checkpoints that the auditor took away earlier. */
  readonly held: readonly Checkpoint[];
}

export interface ExportVerdict extends ChainVerdict {
  readonly tenant: string;
  readonly exportedAt: string | null;
}

/** @throws RocError ROC_INVALID_INPUT where it is no export */
export async function verifyExport({ lines, publicKeys, held }: ExportToVerify): Promise<ExportVerdict> {
  const reader = openExport(lines);
  const { head, checkpoints } = await reader.preamble();
  const keys = keysFrom(publicKeys ?? head.keys.map(({ publicKey }) => publicKey));
  const chain = await verifyChain({
    tenant: head.tenant,
    events: reader.events(),
    checkpoints,
    held,
    keys,
    now: () => Date.parse(reader.receipt()?.exportedAt ?? ''),
  });
  const receipt = reader.receipt();
  const exportedAt = receipt?.exportedAt ?? null;
  const fault = chain.firstBad ?? receiptFault(chain, receipt, head.tenant, keys);
  return {
    ...chain,
    verdict: fault === null ? 'pass' : 'fail',
    firstBad: fault,
    tenant: head.tenantName,
    exportedAt,
  };
}

/** Reads public keys (PEM) by the id that they have. @throws RocError ROC_INVALID_INPUT */
function keysFrom(pems: readonly string[]): AuditKeys {
  return new Map(
    pems.map((pem): [string, KeyObject] => {
      try {
        const key = createPublicKey(pem);
        return [auditKeyId(key), key];
      } catch (cause) {
        throw new RocError('ROC_INVALID_INPUT', 'the public key cannot be read', {
          hint: 'Pass a PEM file, as `roc audit key` prints it.',
          cause,
        });
      }
    }),
  );
}

function receiptFault(
  { lastSeq, lastHash }: ChainVerdict,
  receipt: ExportReceipt | null,
  tenant: string,
  keys: AuditKeys,
): ChainVerdict['firstBad'] {
  const seq = (lastSeq ?? 0) + 1;
  if (receipt === null) return { seq, reason: 'the export ends without its receipt: it was cut' };
  if (receipt.tenant !== tenant || !isReceiptSigned(receipt, keys))
    return { seq: null, reason: 'the receipt is not signed by a known key' };
  const [hidden] = receipt.hidden;
  if (hidden !== undefined)
    return { seq: hidden, reason: 'a column beside it was changed, so that a search misses it' };
  const isEnd = receipt.seq === (lastSeq ?? 0) && (lastHash === null || receipt.hash === lastHash);
  return isEnd ? null : { seq, reason: `the receipt says that event ${receipt.seq} is the last` };
}

interface ExportReader {
  preamble(): Promise<{ readonly head: ExportHead; readonly checkpoints: readonly Checkpoint[] }>;
  events(): AsyncGenerator<ChainedEvent, void, undefined>;
  /** Null until the end was read, or where there is none. */
  receipt(): ExportReceipt | null;
}

function openExport(lines: AsyncIterable<string>): ExportReader {
  const iterator = lines[Symbol.asyncIterator]();
  let number = 0;
  let receipt: ExportReceipt | null = null;
  let ahead: ChainedEvent | null = null;
  const next = async () => {
    const { done, value } = await iterator.next();
    return done ? null : readExportLine(value, ++number);
  };
  return {
    preamble: async () => {
      const first = await next();
      if (first?.kind !== 'head') throw notAnExport();
      const checkpoints: Checkpoint[] = [];
      for (;;) {
        const line = await next();
        if (line?.kind === 'checkpoint') checkpoints.push(line.checkpoint);
        else {
          if (line?.kind === 'event') ahead = line.event;
          if (line?.kind === 'receipt') receipt = line.receipt;
          return { head: first.head, checkpoints };
        }
      }
    },
    events: async function* () {
      if (ahead !== null) yield ahead;
      while (receipt === null) {
        const line = await next();
        if (line === null) return;
        if (line.kind === 'receipt') receipt = line.receipt;
        else if (line.kind === 'event') yield line.event;
        else throw notAnExport();
      }
    },
    receipt: () => receipt,
  };
}

function notAnExport(): RocError {
  return new RocError('ROC_INVALID_INPUT', 'this is not an audit export', {
    hint: 'Pass the file that `roc audit export` wrote, unchanged.',
  });
}
