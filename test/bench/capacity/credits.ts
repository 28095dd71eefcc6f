/** What CPU credits allow: a credit is one vCPU for one minute, earned at a fixed rate and kept up to a limit. Pure. */

export interface Credits {
  readonly creditsPerHour: number;
  readonly mostCredits: number;
  readonly vcpus: number;
}

/** vCPUs that may be used for ever. */
export function baselineVcpus({ creditsPerHour }: Credits): number {
  return creditsPerHour / 60;
}

/** Minutes that a full account lasts at this use of vCPUs; for ever where it is no more than is earned. */
export function burstMinutes(credits: Credits, usedVcpus: number): number {
  const spent = Math.min(usedVcpus, credits.vcpus) - baselineVcpus(credits);
  return spent <= 0 ? Number.POSITIVE_INFINITY : credits.mostCredits / spent;
}
