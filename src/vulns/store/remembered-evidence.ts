/** What open findings of earlier runs prove: a run that reads only changes does not hear it again. */
import { createEvidence } from '../collect/evidence.js';
import type { Evidence } from '../decide/facts.js';
import { eachTrack } from './disk-store.js';

/** @throws RocError ROC_BLOB_CORRUPT */
export function rememberedEvidence(dir: string): Evidence {
  const evidence = createEvidence();
  for (const track of eachTrack(dir))
    if (track.state === 'open') for (const row of track.rows) evidence.note(row);
  return { exposure: evidence.exposure, threats: evidence.threats };
}
