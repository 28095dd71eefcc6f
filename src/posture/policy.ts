/** The schema of `policies/posture.yaml`: numbers that controls hold things against, and what is let be, until when. */
import { z } from 'zod';

const waiver = z.strictObject({
  control: z.string().min(1),
  resource: z.string().min(1).optional().describe('* stands for any text; every resource by default'),
  reason: z.string().min(10, 'expected a reason of ten letters or more'),
  until: z.iso.date().describe('the last day it holds'),
  by: z.string().min(1).describe('who answers for it'),
});

export const posturePolicySchema = z.strictObject({
  version: z.literal(1),
  public: z.boolean().default(true).describe('may a load balancer be reached from the internet'),
  zones: z.int().min(1).max(6).default(2),
  backupDays: z.int().min(1).max(35).default(7),
  restoreTestedDays: z.int().min(1).max(366).default(35),
  logDays: z.int().min(1).max(3653).default(90),
  secretDays: z.int().min(1).max(366).default(90),
  waivers: z.array(waiver).default([]),
});

export type PosturePolicy = z.output<typeof posturePolicySchema>;
