/** Nobody gives, takes or makes more than they hold themselves. */
import { RocError } from '../../kernel/errors.js';
import type { Permission } from '../../protocol/permissions.js';
import { isBuiltIn, permissionsOf } from '../decide/permissions.js';
import { type Grant, heldOnTenant } from '../decide/reach.js';
import { findGrants } from '../store/grants.js';
import { findOwnRole } from '../store/roles.js';
import type { Reader } from '../store/store.js';

/** Who changes what others may do. */
export interface Giver {
  readonly tenantId: string;
  readonly tenant: string;
  /** For the record: an e-mail address, or the name of a key. */
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** What a role would give here. @throws RocError ROC_NOT_FOUND; ROC_REFUSED for the role that registered runners have */
export async function requireRole(
  reader: Reader,
  { tenantId, tenant }: Pick<Giver, 'tenantId' | 'tenant'>,
  role: string,
): Promise<ReadonlySet<Permission>> {
  if (role === 'runner') {
    throw new RocError('ROC_REFUSED', 'the role runner is held by registered runners alone', {
      hint: 'Register a runner with `roc runners token` and `roc runner register`.',
    });
  }
  const own = isBuiltIn(role) ? null : await findOwnRole(reader, tenantId, role);
  if (!isBuiltIn(role) && own === null) {
    throw new RocError('ROC_NOT_FOUND', `role ${role} does not exist`, { hint: 'See `roc roles list`.' });
  }
  return permissionsOf(role, tenant, own?.permissions ?? []);
}

/** @throws RocError ROC_FORBIDDEN naming what is lacking */
export function requireHolding(giver: Giver, permissions: Iterable<Permission>): void {
  const held = heldOnTenant(giver.grants);
  const lacking = [...permissions].filter((permission) => !held.has(permission));
  if (lacking.length === 0) return;
  throw new RocError('ROC_FORBIDDEN', `this needs permissions that you do not hold: ${lacking.join(', ')}`, {
    hint: 'Nobody gives or takes more than they hold themselves; ask an owner.',
  });
}

/** Who changes somebody's place in the tenant must hold all that they hold. */
export async function requireOutranking(reader: Reader, giver: Giver, userId: string): Promise<void> {
  const grants = await findGrants(reader, { ...giver, userId });
  requireHolding(giver, new Set(grants.flatMap(({ permissions }) => [...permissions])));
}
