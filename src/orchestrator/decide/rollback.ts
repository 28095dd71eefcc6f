/** Which version a rollback brings back. */

export interface PastDeployment {
  readonly versionId: string;
  readonly isYanked: boolean;
}

/**
 * The version that ran before the one that runs now: the newest of another version that was not yanked since.
 * @param history newest first; its first entry is what runs now
 */
export function formerVersion(history: readonly PastDeployment[]): string | null {
  const [active, ...past] = history;
  const former = past.find(({ versionId, isYanked }) => versionId !== active?.versionId && !isYanked);
  return former?.versionId ?? null;
}
