/** The tables of master keys, publishers, signatures and assets. */
import type { Generated } from 'kysely';

export interface InstallationFactTable {
  name: string;
  fact_value: string;
  updated_at: number;
}

export interface PublisherTable {
  id: string;
  tenant_id: string;
  name: string;
  /** Names the public key by what it is. */
  key_id: string;
  /** PEM. */
  public_key: string;
  created_by: string;
  created_at: number;
  revoked_at: number | null;
  /** What its signatures are taken for. */
  purpose: Generated<'robots' | 'evidence'>;
}

export interface VersionSignatureTable {
  version_id: string;
  publisher_id: string;
  /** Ed25519, base64url. */
  signature: string;
  created_at: number;
}

export interface EnvironmentRuleTable {
  environment_id: string;
  needs_signature: 0 | 1;
}

export interface AssetTable {
  id: string;
  tenant_id: string;
  project_id: string;
  /** `NAME`, or `NAME@ENVIRONMENT` for the one that only jobs of an environment get. */
  name: string;
  kind: 'text' | 'secret';
  plain_value: string | null;
  /** Nonce, ciphertext and tag, base64url. */
  sealed_value: string | null;
  wrapped_key: string | null;
  updated_by: string;
  updated_at: number;
}

/** A secret that is given to a process. */
export interface AssetGrantTable {
  asset_id: string;
  /** Empty: every process of the asset's project. */
  process_id: string;
  tenant_id: string;
  /** Over all of the above. */
  seal: string;
  created_by: string;
  created_at: number;
}
