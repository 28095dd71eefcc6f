/** A signed statement is recorded once, also where several nodes bring it in the same moment. */
import { describe, expect, it } from 'vitest';
import { findSameStatement, insertEvidence } from '../../../src/orchestrator/store/evidence.js';
import { newUlid } from '../../../src/orchestrator/store/ids.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import type { EvidenceEnvelope } from '../../../src/protocol/contracts/evidence.js';
import { type Engine, useFixture, useNodes } from './context.js';

const envelope = (tenantId: string, keyId: string | null): EvidenceEnvelope => ({
  ...{ kind: 'posture-check', generatedAt: '2026-03-01T12:00:00.000Z', scope: 's', policyHash: null },
  ...{ verdict: 'pass', summary: {}, sha256: 'a'.repeat(64), body: {} },
  signature:
    keyId === null
      ? null
      : { keyId, audience: tenantId, issuedAt: '2026-03-01T12:00:01.000Z', value: 'A'.repeat(86) },
});

export function evidenceContract(engine: Engine): void {
  describe('evidence', () => {
    const fixture = useFixture(engine);
    const node = useNodes(engine, fixture);

    const bring = async (node: Store, sent: EvidenceEnvelope, tenantId = fixture().tenantId) => {
      const place = { blobKey: 'b', wrappedKey: 'k', sizeBytes: 1, id: newUlid(Date.now()) };
      const facts = { ...place, tenantId, envelope: sent, publisherId: null, createdBy: 'ada@x' };
      return node.transaction((tx) => insertEvidence(tx, facts));
    };

    it('of one statement is recorded once', async () => {
      const { tenantId, store } = fixture();
      const sent = envelope(tenantId, 'key-1');
      expect(await findSameStatement(store, tenantId, sent)).toBeNull();
      const brought = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => bring(node(n), sent)));
      expect(brought.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(brought.map(({ id }) => id)).size).toBe(1);
      expect((await findSameStatement(store, tenantId, sent))?.id).toBe(brought[0]?.id);
      expect(await store.db.selectFrom('evidence').select('id').execute()).toHaveLength(1);
    });

    it('of another key, of another tenant, or of nobody is another one', async () => {
      const { tenantId, store } = fixture();
      const other = newUlid(0);
      const all = [
        await bring(store, envelope(tenantId, 'key-1')),
        await bring(store, envelope(tenantId, 'key-2')),
        await bring(store, envelope(other, 'key-1'), other),
        await bring(store, envelope(tenantId, null)),
        await bring(store, envelope(tenantId, null)),
      ];
      expect(all.every(({ created }) => created)).toBe(true);
    });
  });
}
