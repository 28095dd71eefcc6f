/** What findings prove about resources, for every other finding there: reachable or not, under attack or not. */
import type { Evidence } from '../decide/facts.js';
import { identityOf } from '../keys.js';
import type { Observation } from '../model.js';

type Proof = Pick<Observation, 'status' | 'proves' | 'lane' | 'kind' | 'title' | 'resource'>;

export interface EvidenceNotes extends Evidence {
  readonly exposure: Map<string, { state: 'public' | 'private'; why: string }>;
  readonly threats: Map<string, string>;
  note(finding: Proof): void;
}

export function createEvidence(): EvidenceNotes {
  const exposure: EvidenceNotes['exposure'] = new Map();
  const threats: EvidenceNotes['threats'] = new Map();
  return {
    exposure,
    threats,
    note({ status, proves, lane, kind, title, resource }) {
      if (status !== 'active') return;
      if (proves?.exposure !== undefined)
        noteExposure(exposure, identityOf(resource), { state: proves.exposure, why: proves.why });
      if (lane === 'threat') noteThreat(threats, identityOf(resource), kind ?? title);
    },
  };
}

/** Both together, in whatever order they come. */
export function joinEvidence(all: readonly Evidence[]): Evidence {
  const joined = createEvidence();
  for (const { exposure, threats } of all) {
    for (const [identity, proof] of exposure) noteExposure(joined.exposure, identity, proof);
    for (const [identity, name] of threats) noteThreat(joined.threats, identity, name);
  }
  return { exposure: joined.exposure, threats: joined.threats };
}

// Proof of being reachable outweighs proof of not being so; of equal words the first by name is kept.
function noteExposure(
  exposure: EvidenceNotes['exposure'],
  identity: string,
  proof: { readonly state: 'public' | 'private'; readonly why: string },
): void {
  const known = exposure.get(identity);
  const isStronger = known === undefined || (known.state === 'private' && proof.state === 'public');
  if (isStronger || (known.state === proof.state && proof.why < known.why)) exposure.set(identity, proof);
}

function noteThreat(threats: EvidenceNotes['threats'], identity: string, name: string): void {
  const known = threats.get(identity);
  if (known === undefined || name < known) threats.set(identity, name);
}
