/** What somebody does to their account is told in every tenant that they belong to. */
import type { NewAuditEvent } from '../audit/audit.js';
import type { Auth } from '../auth/auth.js';
import type { Tx } from '../store/store.js';
import { listTenantIds, type User } from '../store/users.js';

export interface RequestOrigin {
  readonly address: string;
  readonly requestId: string;
}

export async function tellTenantsOf(
  tx: Tx,
  { audit }: Pick<Auth, 'audit'>,
  { id, email }: Pick<User, 'id' | 'email'>,
  event: Omit<NewAuditEvent, 'tenantId' | 'actor' | 'target'>,
): Promise<void> {
  const actor = { kind: 'user', id, name: email } as const;
  const target = { kind: 'user', id, name: email };
  for (const tenantId of await listTenantIds(tx, id)) {
    await audit.append(tx, { ...event, tenantId, actor, target });
  }
}
