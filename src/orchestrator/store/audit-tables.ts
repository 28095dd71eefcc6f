/** The tables of the audit chain. */

export interface AuditHeadTable {
  tenant_id: string;
  seq: number;
  hash: string;
}

export interface AuditEventTable {
  tenant_id: string;
  seq: number;
  created_at: number;
  /** Copies of what the body says, to search by. */
  action: string;
  actor_id: string | null;
  target_id: string | null;
  /** Canonical JSON of the event. */
  body: string;
  hash: string;
  /** HMAC of the hash under a key that is not in the database. */
  mac: string;
}

export interface AuditCheckpointTable {
  tenant_id: string;
  number: number;
  seq: number;
  created_at: number;
  /** Canonical JSON of the signed checkpoint. */
  body: string;
}

/** Jobs that have ended and whose history is not in the chain yet. */
export interface JobSealTable {
  job_id: string;
  tenant_id: string;
  ended_at: number;
}
