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
export function targetNames(coverage: Coverage): string[] {
  if (coverage.verdict !== 'scanned') return [];
  return placesOf(coverage).map((place) => `${coverage.tool}\n${place}`);
}

/** The same places without the tool, of a target that could not be looked at. */
export function gapNames(coverage: Coverage): string[] {
  return coverage.verdict === 'missing' ? placesOf(coverage) : [];
}

function placesOf({ id, digest, tags }: Coverage): string[] {
  if (digest === null && tags.length === 0) return [id];
  return [...(digest === null ? [] : [`${id}@${digest}`]), ...tags.map((tag) => `${id}:${tag}`)];
}

/** Is this row's target among those that could not be looked at? */
export function isGap(row: Merged, gaps: ReadonlySet<string>): boolean {
  const identity = identityOf(row.resource);
  const { digest, imageTags = [] } = row.resource;
  return (
    gaps.has(digest === undefined ? identity : `${identity}@${digest}`) ||
    imageTags.some((tag) => gaps.has(`${identity}:${tag}`))
  );
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
