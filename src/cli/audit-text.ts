/** Events of the audit chain, and what a verification found, in words. */
import type { ReplyOf } from '../protocol/contracts.js';

type Event = ReplyOf<'audit.list'>['items'][number];

/** `2026-11-22T11:08:44Z`: in a list of proof "3 days ago" is no time. */
export function secondOf(at: string): string {
  return at.replace(/\.\d+Z$/, 'Z');
}

/** What was done to, or what was refused. */
export function targetText({ target, after }: Pick<Event, 'target' | 'after'>): string {
  if (target !== null) return target.name ?? target.id ?? '-';
  const route = after?.['route'];
  if (typeof route === 'string') return `${route} (${after?.['status']})`;
  const [jobs, refusals] = [after?.['jobs'], after?.['refusals']];
  if (Array.isArray(jobs)) return jobs.length === 1 ? '1 job' : `${jobs.length} jobs`;
  return Array.isArray(refusals) ? refusals.map(countText).join(', ') : '-';
}

function countText({ route, status, count }: { route: string; status: number; count: number }): string {
  return `${count} × ${route} (${status})`;
}

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
