/** Names of what was looked at. */
import { identityOf } from './keys.js';
import type { Coverage, Merged } from './model.js';

/** One digest (or tag) of one target, by one tool. */
export function coverageName({ tool, id, digest, tags }: Coverage): string {
  return `${tool}\n${id}\n${digest ?? tags.join(',')}`;
}

/**
 * The names under which a scanned target answers for known findings: its digest, and its tags, because a tag that
 * moved on to another digest has replaced the old one.
 */
export function targetNames({ tool, id, digest, tags, verdict }: Coverage): string[] {
  if (verdict !== 'scanned') return [];
  if (digest === null && tags.length === 0) return [`${tool}\n${id}`];
  return [
    ...(digest === null ? [] : [`${tool}\n${id}@${digest}`]),
    ...tags.map((tag) => `${tool}\n${id}:${tag}`),
  ];
}

/** Does any scanned target answer for this row? */
export function isTarget(row: Merged, targets: ReadonlySet<string>): boolean {
  const identity = identityOf(row.resource);
  const { digest, imageTags = [] } = row.resource;
  return row.sources.some(
    ({ tool }) =>
      targets.has(digest === undefined ? `${tool}\n${identity}` : `${tool}\n${identity}@${digest}`) ||
      imageTags.some((tag) => targets.has(`${tool}\n${identity}:${tag}`)),
  );
}
