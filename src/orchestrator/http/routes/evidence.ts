/** Evidence: taken in, listed, given back as it came. */
import { canonicalJson } from '../../../kernel/canonical-json.js';
import { checkEvidence } from '../../evidence/check-evidence.js';
import { openEvidence, storeEvidence } from '../../evidence/evidence-blobs.js';
import {
  findSameStatement,
  getEvidence,
  insertEvidence,
  isEvidenceBlob,
  listEvidence,
} from '../../store/evidence.js';
import { newUlid } from '../../store/ids.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type EvidenceRoutes = Extract<keyof Handlers, `evidence.${string}`>;

export function evidenceHandlers(parts: ServerParts): Pick<Handlers, EvidenceRoutes> {
  const { store, packages } = parts;
  return {
    'evidence.publish': (call) => publish(parts, call),
    'evidence.list': ({ caller, query }) => listEvidence(store, { ...query, tenantId: caller.tenantId }),
    'evidence.show': async ({ caller, params }) =>
      (await getEvidence(store, caller.tenantId, params.id)).shown,
    'evidence.content': async ({ caller, params }) => {
      const { place } = await getEvidence(store, caller.tenantId, params.id);
      const content = await openEvidence(packages, caller.tenantId, place);
      return { content, type: 'application/json', sizeBytes: place.sizeBytes };
    },
  };
}

/**
 * The bytes are stored first and recorded after; what is recorded nowhere is removed again. A signed statement that is
 * here already is answered as it was recorded: who sends again what he saw somebody send makes nothing of it.
 */
async function publish({ store, packages }: ServerParts, call: Call<'evidence.publish'>) {
  const { body: envelope, caller } = call;
  const { tenantId, email: createdBy } = caller;
  const publisherId = await checkEvidence(store, tenantId, envelope);
  const known = await findSameStatement(store, tenantId, envelope);
  if (known !== null) {
    call.setStatus(200);
    return { ...known, created: false };
  }
  const id = newUlid(await store.now());
  const place = await storeEvidence(packages, tenantId, id, canonicalJson(envelope));
  try {
    const recorded = await call.transact((tx) =>
      insertEvidence(tx, { ...place, tenantId, envelope, publisherId, createdBy }),
    );
    if (!recorded.created) call.setStatus(200);
    return recorded;
  } finally {
    if (!(await isEvidenceBlob(store, place.blobKey))) await packages.blobs.delete(place.blobKey);
  }
}
