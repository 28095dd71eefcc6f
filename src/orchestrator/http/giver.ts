/** A caller as one who changes what others may do. */
import type { KeyCaller, UserCaller } from '../auth/caller.js';
import type { Giver } from '../identity/may-give.js';

export function giverOf({ tenantId, tenant, email, grants }: UserCaller | KeyCaller): Giver {
  return { tenantId, tenant, name: email, grants };
}
