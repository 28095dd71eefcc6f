/** The tables of who belongs to a tenant and what they may do there. */

/** That a person belongs to a tenant; what they may do there is in their grants. */
export interface MemberTable {
  tenant_id: string;
  user_id: string;
  created_at: number;
  suspended_at: number | null;
}

/** A role of a tenant's own making. */
export interface RoleTable {
  tenant_id: string;
  name: string;
  /** JSON list of permissions. */
  permissions: string;
  created_by: string;
  created_at: number;
}

export interface RoleGrantTable {
  tenant_id: string;
  user_id: string;
  role: string;
  scope_kind: 'tenant' | 'project' | 'process';
  /** The project or process; empty for the whole tenant. */
  scope_id: string;
  /** `oidc`: follows the groups of the identity provider. */
  source: 'hand' | 'oidc';
  created_by: string;
  created_at: number;
}
