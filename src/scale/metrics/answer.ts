/** Pages of an answer put together: what AWS says of each metric across all of them. Pure. */
import { type MetricPoint, type MetricSeries, orderedPoints, type SeriesStatus } from './series.js';

/** One metric in one page, as AWS answers it. */
export interface PageResult {
  readonly id: string;
  readonly statusCode: string;
  readonly messages: readonly string[];
  readonly points: readonly MetricPoint[];
}

/**
 * PartialData on an earlier page only means that the next one goes on; on the last page, or together with words about
 * the whole call, it means that points are missing. A fault or a refusal on any page stays.
 */
export function mergedSeries(
  id: string,
  periodMs: number,
  pages: readonly PageResult[],
  callMessages: readonly string[],
): MetricSeries {
  const { points, conflicts, broken } = orderedPoints(pages.flatMap((page) => page.points));
  const notes = [
    ...(pages.length === 0 ? ['CloudWatch gave no answer for it'] : []),
    ...(conflicts > 0 ? [`${conflicts} points came twice with different values`] : []),
    ...(broken > 0 ? [`${broken} points were no numbers`] : []),
  ];
  const said = statusOf(pages.map(({ statusCode }) => statusCode));
  const isDoubtful = callMessages.length > 0 || conflicts > 0 || broken > 0;
  return {
    id,
    periodMs,
    points,
    status: said === 'complete' && isDoubtful ? 'partial' : said,
    messages: [...new Set([...pages.flatMap((page) => page.messages), ...notes])],
  };
}

function statusOf(codes: readonly string[]): SeriesStatus {
  const last = codes.at(-1);
  if (last === undefined) return 'failed';
  if (codes.includes('Forbidden')) return 'forbidden';
  if (codes.includes('InternalError')) return 'failed';
  // A word that is not known yet is no promise of completeness.
  return last === 'Complete' ? 'complete' : 'partial';
}
