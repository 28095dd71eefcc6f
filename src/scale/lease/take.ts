/** The lease for one command: taken or renewed, or a clear reason why not. */
import { RocError } from '../../kernel/errors.js';
import type { Lease } from './lease.js';
import type { LeaseRecord } from './record.js';

/** @throws RocError ROC_REFUSED where another holds it or it is not certain who does */
export async function takeLease(lease: Lease): Promise<LeaseRecord> {
  const standing = await lease.refresh();
  if (standing.role === 'holder') return standing.record;
  const why = standing.role === 'standby' ? `${standing.holder} holds the lease and acts` : standing.why;
  throw new RocError('ROC_REFUSED', why, {
    hint:
      standing.role === 'standby'
        ? 'Stop that `roc scale watch`, or wait: it decides by the same policy.'
        : 'Mend that first: who acts must be certain.',
  });
}
