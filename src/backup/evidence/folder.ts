/** The folder of evidence: one file a report, numbered without gaps, each naming the hash of the one before. */
import { createHash, randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { parseWith } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';
import type { EvidenceInput, EvidenceRef } from '../evidence-input.js';
import { renderHtml } from './html.js';
import { renderMarkdown } from './markdown.js';
import { type Evidence, evidenceSchema } from './model.js';
import { messageOf, type Signer } from './signer.js';

export interface EvidenceFile {
  readonly file: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  readonly bytes: Buffer;
  readonly evidence: Evidence;
}

const NAME = /^evidence-(\d{6})\.json$/;

/**
 * Writes evidence-NNNNNN.json, .html and .md. A run that has its report already keeps it: nothing is written twice.
 * Two runs that end at once get numbers one after the other, for a number is taken by its file.
 * @throws RocError ROC_INVALID_INPUT where the names of the files do not tell the numbers inside
 */
export async function writeEvidence(dir: string, input: EvidenceInput, signer: Signer): Promise<EvidenceRef> {
  await makeFolder(dir, 0o700);
  for (let taken = 0; ; ) {
    const files = await listEvidence(dir);
    const known = files.find(({ evidence }) => evidence.report.run === input.run);
    if (known !== undefined) return finished(known);
    const last = files.at(-1);
    const number = (last?.evidence.chain.number ?? 0) + 1;
    // Whoever took it is in the list by now; else it would be taken the next time, too, and for ever.
    if (number <= taken) throw misnumbered(dir, number);
    const unsigned = {
      kind: 'roc-backup-evidence' as const,
      version: 1 as const,
      chain: { number, previous: last?.sha256 ?? null },
      // As it is read back: without members that are undefined.
      report: JSON.parse(JSON.stringify(input)) as EvidenceInput,
      signature: signer.identity,
    };
    const value = await signer.sign(messageOf(unsigned));
    const text = canonicalJson({ ...unsigned, signature: { ...unsigned.signature, value } });
    const file = join(dir, fileName(number));
    if (await placeNew(file, text)) return finished(parseEvidence(Buffer.from(text), file));
    taken = number;
  }
}

function misnumbered(dir: string, number: number): RocError {
  return new RocError(
    'ROC_INVALID_INPUT',
    `${dir} holds ${fileName(number)}, but not at the place it names`,
    {
      hint: 'Move away what was copied into the folder, or renamed in it; the names must tell the numbers inside.',
    },
  );
}

/** All of a folder, by number. @throws RocError ROC_INVALID_INPUT for a file that is none */
export async function listEvidence(dir: string): Promise<EvidenceFile[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return Promise.all(
    names
      .filter((name) => NAME.test(name))
      .sort()
      .map((name) => readEvidence(join(dir, name))),
  );
}

export async function readEvidence(file: string): Promise<EvidenceFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read`, { hint: 'Name an evidence file.', cause });
  });
  return parseEvidence(bytes, file);
}

function parseEvidence(bytes: Buffer, file: string): EvidenceFile {
  let data: unknown;
  try {
    data = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${file} is no JSON`, {
      hint: 'Name an evidence file of roc.',
      cause,
    });
  }
  const evidence = parseWith(evidenceSchema, data, { what: 'evidence', file, code: 'ROC_INVALID_INPUT' });
  return { file, bytes, evidence, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function fileName(number: number): string {
  return `evidence-${String(number).padStart(6, '0')}.json`;
}

// The pages are made from the file each time, so one that a crash left out is there after a resume.
async function finished(found: EvidenceFile): Promise<EvidenceRef> {
  const { file, sha256, evidence } = found;
  const base = file.replace(/\.json$/, '');
  await writeFile(`${base}.html`, renderHtml(evidence, sha256), { mode: 0o600 });
  await writeFile(`${base}.md`, renderMarkdown(evidence, sha256), { mode: 0o600 });
  return { file, sha256, signature: evidence.signature.value };
}

/** False where the file is there already. On disk before it returns. */
async function placeNew(file: string, text: string): Promise<boolean> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    const handle = await open(part, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(part, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(part, { force: true });
  }
}
