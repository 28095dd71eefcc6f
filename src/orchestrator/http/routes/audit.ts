/** The audit chain, for who may read it. */
import { Readable } from 'node:stream';
import { RocError } from '../../../kernel/errors.js';
import { checkState } from '../../audit/check-state.js';
import { exportChain, publicKeysOf } from '../../audit/export-chain.js';
import { findAuditEvents } from '../../audit/find-events.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type AuditRoutes = Extract<keyof Handlers, `audit.${string}`>;

export function auditHandlers({
  store,
  packages,
  auth,
  checkpoints,
}: ServerParts): Pick<Handlers, AuditRoutes> {
  const { auditSecrets } = auth;
  return {
    'audit.list': ({ caller, query }) => findAuditEvents(store, { ...query, tenantId: caller.tenantId }),
    'audit.export': async ({ caller }) => {
      const own = checkpoints.own(caller.tenantId);
      const parts = { store, blobs: packages.blobs, secrets: auditSecrets, own };
      const lines = exportChain(parts, { id: caller.tenantId, name: caller.tenant });
      return {
        content: Readable.from(lines, { objectMode: false }),
        type: 'application/jsonl',
        sizeBytes: null,
      };
    },
    'audit.checkpoint': async ({ caller }) => {
      const made = await checkpoints.make(caller.tenantId);
      if (made !== null) return made;
      throw new RocError('ROC_CHECK_FAILED', 'the audit chain was tampered with: nothing is signed', {
        hint: 'Run `roc audit verify` to see where; the log of the server says more.',
      });
    },
    'audit.state': async ({ caller }) => {
      const state = await checkState(store, { id: caller.tenantId, name: caller.tenant });
      return { ...state, problems: [...state.problems], notes: [...state.notes] };
    },
    'audit.keys': async () => ({ items: publicKeysOf(auditSecrets) }),
  };
}
