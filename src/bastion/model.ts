/** The nouns of the bastion room. */
import { z } from 'zod';

/** An instance that a session may go to. */
export interface Target {
  /** `i-…` on EC2, `mi-…` for a machine elsewhere. */
  readonly instanceId: string;
  readonly name: string | null;
  readonly platform: string | null;
  readonly agentVersion: string | null;
  /** `Online`, `ConnectionLost`, `Inactive`; null for an instance that never registered. */
  readonly ping: string | null;
  readonly az: string | null;
  /** EC2's state: `running`, `stopped`, …; null outside EC2. */
  readonly state: string | null;
  readonly privateIp: string | null;
  readonly privateDns: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** The `bastion` section of roc.yaml. */
export const bastionConfigSchema = z.strictObject({
  /** Where sessions go when no TARGET is given. */
  target: z.string().min(1).optional(),
  /** Shell document; the account's own by default. */
  document: z.string().min(1).optional(),
  reason: z.string().min(1).max(256).optional(),
  /** Sessions of one tunnel. */
  parallel: z.int().min(1).max(16).default(1),
  /** Bytes a second towards the instance. */
  maxRate: z.int().positive().optional(),
  /** PEM file of the certificate authorities of the databases. */
  ca: z.string().min(1).optional(),
});

export type BastionConfig = z.infer<typeof bastionConfigSchema>;
