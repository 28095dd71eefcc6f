/** Audit exports on this machine: taken from the server, read from a file, verified. */
import { createReadStream } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { RocError } from '../kernel/errors.js';
import { type Checkpoint, checkpointSchema } from '../protocol/audit/checkpoint.js';
import { type ExportVerdict, verifyExport } from '../protocol/audit/verify-export.js';
import type { Client } from '../protocol/client.js';

/** @throws RocError ROC_USAGE where the file exists or cannot be written */
export async function saveAuditExport(api: Client, file: string): Promise<{ file: string; bytes: number }> {
  const handle = await open(file, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new RocError('ROC_USAGE', `${file} cannot be made: ${cause.code}`, {
      hint: 'Name a file that does not exist yet, in a folder of yours.',
      cause,
    });
  });
  try {
    for await (const piece of await openExport(api)) await handle.writeFile(piece as Buffer);
    const { size } = await handle.stat();
    return { file, bytes: size };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

export interface Proofs {
  /** PEM files. */
  readonly keyFiles: readonly string[];
  readonly checkpointFiles: readonly string[];
}

/** Of a file or of a server. @throws RocError ROC_USAGE for a file that cannot be read, ROC_INVALID_INPUT for a wrong one */
export async function verifyAudit(source: string | Client, proofs: Proofs): Promise<ExportVerdict> {
  const keys = await Promise.all(proofs.keyFiles.map(readText));
  const held = await Promise.all(proofs.checkpointFiles.map(readCheckpointFile));
  const input = typeof source === 'string' ? await openFile(source) : await openExport(source);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    return await verifyExport({ lines, publicKeys: keys.length === 0 ? null : keys, held });
  } finally {
    lines.close();
    input.destroy();
  }
}

async function openExport(api: Client): Promise<Readable> {
  const response = await api.open('audit.export');
  return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
}

async function openFile(file: string): Promise<Readable> {
  const stream = createReadStream(file);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (cause) => reject(unreadable(file, cause)));
  });
  return stream;
}

async function readCheckpointFile(file: string): Promise<Checkpoint> {
  const text = await readText(file);
  const parsed = checkpointSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new RocError('ROC_INVALID_INPUT', `${file} is not a checkpoint`, {
    hint: 'Pass a file that `roc audit checkpoint` wrote.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

function unreadable(file: string, cause: unknown): RocError {
  return new RocError('ROC_USAGE', `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, {
    hint: 'Check the path and who may read it.',
    cause,
  });
}
