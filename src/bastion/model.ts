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
  target: z.string().min(1).optional().describe('where sessions go when no TARGET is given'),
  document: z.string().min(1).optional().describe("shell document; the account's own by default"),
  reason: z.string().min(1).max(256).optional().describe('reason that sessions are recorded with'),
  parallel: z.int().min(1).max(16).default(1).describe('sessions of one tunnel'),
  maxRate: z.int().positive().optional().describe('bytes a second towards the instance'),
  ca: z.string().min(1).optional().describe('PEM file of the certificate authorities of the databases'),
});

export type BastionConfig = z.infer<typeof bastionConfigSchema>;
