/** The tables of API keys. */

export interface ApiKeyTable {
  id: string;
  tenant_id: string;
  consumer: string;
  /** The public part of the key, by which it is found. */
  prefix: string;
  /** HMAC over the key's digest and its terms, lower-case hex. */
  key_hash: string;
  /** JSON array of permissions. */
  scopes: string;
  rps: number;
  daily: number | null;
  created_by: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  last_used_at: number | null;
}

/** The bucket that all nodes draw from. */
export interface ApiQuotaTable {
  key_id: string;
  /** Thousandths of a request. */
  level_milli: number;
  refilled_at: number;
  /** 20260301, UTC: the day that `day_used` counts. */
  quota_day: number;
  day_used: number;
}

export interface ApiUsageTable {
  key_id: string;
  usage_day: number;
  route_class: string;
  requests: number;
  denied: number;
}
