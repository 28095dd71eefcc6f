/** Reads CloudWatch metrics: any number of them, in as few calls as AWS allows, all pages, nothing silently lost. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { sendAws } from '../../kernel/aws-call.js';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import { mergedSeries, type PageResult } from '../metrics/answer.js';
import { metricsRequested, type ReadingCost, readingCost } from '../metrics/cost.js';
import type { MetricQuery } from '../metrics/names.js';
import type { MetricSeries } from '../metrics/series.js';
import { alignedWindow, type Window } from '../metrics/window.js';
import type { AwsAccess } from './access.js';

/** Of one call: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const QUERIES_PER_CALL = 500;

// Fourteen days of a minute each are 20,160 points a metric; a page holds 100,800.
const MOST_PAGES = 250;

export interface MetricReading {
  /** By the query's id; every query has one, whatever AWS answered. */
  readonly series: ReadonlyMap<string, MetricSeries>;
  /** What AWS said about whole calls. */
  readonly messages: readonly string[];
  /** Tries beyond the first: AWS throttled or failed before it answered. */
  readonly retries: number;
  readonly cost: ReadingCost;
}

export interface ReadOptions extends Window {
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Points of all queries from `from` up to `to` (not included), whole buckets only. Nothing is left out for being too
 * new: see settledPoints.
 * @throws RocError ROC_FORBIDDEN, ROC_THROTTLED after all retries, ROC_UNREACHABLE; TypeError where two queries share an id
 */
export async function readMetrics(
  access: AwsAccess,
  queries: readonly MetricQuery[],
  options: ReadOptions,
): Promise<MetricReading> {
  if (new Set(queries.map(({ id }) => id)).size < queries.length)
    throw new TypeError('two queries share an id');
  const series = new Map<string, MetricSeries>();
  const messages: string[] = [];
  let [retries, metrics] = [0, 0];
  const calls = batches(queries, QUERIES_PER_CALL);
  for (const batch of calls) {
    const answer = await readBatch(access, batch, options, (more) => (retries += more));
    metrics += metricsRequested(batch.map(metricKey)) * answer.pages;
    messages.push(...answer.messages);
    for (const one of answer.series) series.set(one.id, one);
  }
  return { series, messages, retries, cost: readingCost(metrics) };
}

interface BatchAnswer {
  readonly series: readonly MetricSeries[];
  readonly messages: readonly string[];
  readonly pages: number;
}

async function readBatch(
  access: AwsAccess,
  batch: readonly MetricQuery[],
  options: ReadOptions,
  onRetries: (retries: number) => void,
): Promise<BatchAnswer> {
  const window = alignedWindow(
    options,
    Math.max(...batch.map(({ periodSeconds }) => periodSeconds)) * SECOND,
  );
  const results = new Map<string, PageResult[]>();
  const messages: string[] = [];
  let [pages, token] = [0, undefined as string | undefined];
  do {
    const command = new GetMetricDataCommand({
      MetricDataQueries: batch.map(wireQuery),
      StartTime: new Date(window.from),
      EndTime: new Date(window.to),
      // The newest come on the first page, so that a broken reading lacks the oldest.
      ScanBy: 'TimestampDescending',
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const reply = await sendAws(
      'cloudwatch:GetMetricData',
      (abortSignal) => access.client(CloudWatchClient).send(command, { abortSignal }),
      { signal: options.signal, onRetries: (_call, retries) => onRetries(retries) },
    );
    pages++;
    messages.push(...wordsOf(reply.Messages));
    for (const result of pageResults(reply))
      results.set(result.id, [...(results.get(result.id) ?? []), result]);
    token = nextToken(reply.NextToken, token, pages);
  } while (token !== undefined);
  const series = batch.map(({ id, periodSeconds }, i) =>
    mergedSeries(id, periodSeconds * SECOND, results.get(wireId(i)) ?? [], messages),
  );
  return { series, messages, pages };
}

// AWS wants ids that begin with a small letter and hold no other signs.
function wireId(index: number): string {
  return `m${index}`;
}

function wireQuery(query: MetricQuery, index: number): MetricDataQuery {
  return {
    Id: wireId(index),
    MetricStat: {
      Metric: {
        Namespace: query.namespace,
        MetricName: query.metric,
        Dimensions: Object.entries(query.dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: query.periodSeconds,
      Stat: query.statistic,
    },
  };
}

function pageResults(reply: GetMetricDataOutput): PageResult[] {
  return (reply.MetricDataResults ?? []).map(
    ({ Id = '', StatusCode = '', Timestamps, Values, Messages }) => ({
      id: Id,
      statusCode: StatusCode,
      messages: wordsOf(Messages),
      points: (Timestamps ?? []).map((at, i) => ({ at: at.getTime(), value: Values?.[i] ?? Number.NaN })),
    }),
  );
}

function wordsOf(
  messages:
    | readonly { readonly Code?: string | undefined; readonly Value?: string | undefined }[]
    | undefined,
): string[] {
  return (messages ?? []).map(({ Code, Value }) => [Code, Value].filter(Boolean).join(': '));
}

function nextToken(
  next: string | undefined,
  previous: string | undefined,
  pages: number,
): string | undefined {
  if (!next) return undefined;
  if (next !== previous && pages < MOST_PAGES) return next;
  throw new RocError('ROC_UNAVAILABLE', 'cloudwatch:GetMetricData: the answer never ended', {
    hint: 'Ask for a shorter time, or try again later.',
  });
}

function metricKey({ namespace, metric, dimensions }: MetricQuery): string {
  return JSON.stringify([namespace, metric, Object.entries(dimensions).sort()]);
}

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
