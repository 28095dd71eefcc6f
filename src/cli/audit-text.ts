/** What a verification found, in words. */
import type { ReplyOf } from '../protocol/contracts.js';

export function stateText({ checked, isWhole, problems }: ReplyOf<'audit.state'>): string {
  const jobs = `${checked.jobs} ended jobs`;
  const what = isWhole ? `${checked.grants} grants and ${jobs}` : jobs;
  return problems.length === 0
    ? `${what} are as the chain tells`
    : `${problems.length} differ from what the chain tells`;
}

export function badText({ seq, reason }: { readonly seq: number | null; readonly reason: string }): string {
  return seq === null ? reason : `event ${seq}: ${reason}`;
}
