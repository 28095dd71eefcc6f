/** Checkpoints in the blob store: a second copy, out of reach of who can only write to the database. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { DAY } from '../../kernel/time.js';
import type { Checkpoint } from '../../protocol/audit/checkpoint.js';
import type { Blobs } from '../blobs/blobs.js';
import { readCheckpoint } from '../store/audit-checkpoints.js';

/** Writes one, unless it is there. */
export async function keepCheckpoint(blobs: Blobs, checkpoint: Checkpoint): Promise<void> {
  const key = keyOf(checkpoint.tenant, Date.parse(checkpoint.at), checkpoint.number);
  if ((await blobs.size(key)) !== null) return;
  try {
    await blobs.put(key, Readable.from([Buffer.from(canonicalJson(checkpoint))]));
  } catch (error) {
    // Another node was faster.
    if ((await blobs.size(key)) === null) throw error;
  }
}

/** Those of the last two days: what the database should have, whatever happened to it. */
export async function recentCheckpoints(blobs: Blobs, tenantId: string, now: number): Promise<Checkpoint[]> {
  const found: Checkpoint[] = [];
  for (const at of [now - DAY, now]) {
    for await (const { key } of blobs.list(folderOf(tenantId, at))) {
      const checkpoint = readCheckpoint(await text(await blobs.get(key)));
      if (checkpoint !== null) found.push(checkpoint);
    }
  }
  return found.sort((a, b) => a.number - b.number);
}

function keyOf(tenantId: string, at: number, number: number): string {
  return `${folderOf(tenantId, at)}${String(number).padStart(10, '0')}`;
}

function folderOf(tenantId: string, at: number): string {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
  return `audit/${tenantId.toLowerCase()}/${day}/`;
}
