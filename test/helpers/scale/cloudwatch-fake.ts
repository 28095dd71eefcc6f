/** Strict fake of CloudWatch's metrics: what its documentation says and an emulator leaves out, faults on demand. */
import { AwsFault, type FakeHandlers } from '../aws-model/fake-aws.js';
import { statisticOf } from './statistics.js';

export interface FakeMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface FakeCloudWatch {
  readonly handlers: FakeHandlers;
  /** Samples of one minute or of any instant; a second call for the same instant adds samples, as EC2 and ELB do. */
  put(metric: FakeMetric, at: number, samples: number | readonly number[]): void;
  /** A bucket is told so many milliseconds after its end. */
  lagMs: number;
  /** Data points that a page holds, over all metrics of the call. */
  pageSize: number;
  /** The next so many calls are throttled. */
  throttled: number;
  /** By metric name: what its results are told with instead of Complete. */
  readonly statusOf: Map<string, 'PartialData' | 'InternalError' | 'Forbidden'>;
  /** Metric names whose points come twice, the second time with another value. */
  readonly twice: Set<string>;
  /** What is said about the whole call. */
  words: { Code: string; Value: string }[];
  /** Metric names of queries that were asked for, page by page. */
  readonly asked: string[][];
}

interface Query {
  Id: string;
  MetricStat?: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
    Period: number;
    Stat: string;
  };
  Expression?: string;
}

interface Input {
  MetricDataQueries: Query[];
  StartTime: number | string;
  EndTime: number | string;
  NextToken?: string;
  ScanBy?: string;
  MaxDatapoints?: number;
}

interface Found {
  readonly query: Query;
  readonly points: readonly { at: number; value: number }[];
}

const DAY_S = 86_400;

export function fakeCloudWatch(now: () => number): FakeCloudWatch {
  const samples = new Map<string, Map<number, number[]>>();
  const fake: FakeCloudWatch = {
    lagMs: 0,
    pageSize: 100_800,
    throttled: 0,
    statusOf: new Map(),
    twice: new Set(),
    words: [],
    asked: [],
    put(metric, at, value) {
      const key = keyOf(metric.namespace, metric.metric, metric.dimensions);
      const series = samples.get(key) ?? new Map<number, number[]>();
      samples.set(key, series);
      series.set(at, [...(series.get(at) ?? []), ...(typeof value === 'number' ? [value] : value)]);
    },
    handlers: {
      'cloudwatch:GetMetricData': (input) => getMetricData(input as unknown as Input),
    },
  };

  function getMetricData(input: Input) {
    if (fake.throttled > 0) {
      fake.throttled--;
      throw new AwsFault('ThrottlingException', 'Rate exceeded', 400);
    }
    fake.asked.push(input.MetricDataQueries.map((query) => query.MetricStat?.Metric.MetricName ?? ''));
    const [start, end] = [instantOf(input.StartTime), instantOf(input.EndTime)];
    requireValid(input, start, end, now());
    const all = input.MetricDataQueries.map((query) => found(query, start, end));
    return page(all, input);
  }

  function found(query: Query, start: number, end: number): Found {
    const { Metric, Period, Stat } = query.MetricStat!;
    const dimensions = Object.fromEntries((Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
    const series =
      samples.get(keyOf(Metric.Namespace, Metric.MetricName, dimensions)) ?? new Map<number, number[]>();
    const periodMs = Period * 1000;
    const buckets = new Map<number, number[]>();
    for (const [at, values] of series) {
      const bucket = Math.floor(at / periodMs) * periodMs;
      const isKept =
        now() - at <= (Period < 300 ? 15 * DAY_S : Period < 3600 ? 63 * DAY_S : 455 * DAY_S) * 1000;
      const isTold = at + 60_000 + fake.lagMs <= now() || fake.lagMs === 0;
      if (bucket < start || bucket >= end || !isKept || !isTold) continue;
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...values]);
    }
    const points = [...buckets].map(([at, values]) => ({ at, value: statisticOf(Stat, values) }));
    // Newest first, as AWS does by default.
    return { query, points: points.sort((a, b) => b.at - a.at) };
  }

  /** A page is filled metric by metric; what is cut is PartialData and goes on with the token. */
  function page(all: readonly Found[], input: Input) {
    const size = Math.min(fake.pageSize, input.MaxDatapoints ?? Number.POSITIVE_INFINITY);
    let skip = input.NextToken === undefined ? 0 : tokenOffset(input.NextToken);
    const begin = skip;
    let room = size;
    const results = all.map(({ query, points }) => {
      const from = Math.min(skip, points.length);
      skip -= from;
      const told = points.slice(from, from + room);
      room -= told.length;
      const rest = points.length - from - told.length;
      const name = query.MetricStat!.Metric.MetricName;
      const status = fake.statusOf.get(name) ?? (rest > 0 ? 'PartialData' : 'Complete');
      const isWithout = status === 'Forbidden' || status === 'InternalError';
      const again =
        fake.twice.has(name) && !isWithout ? told.map(({ at, value }) => ({ at, value: value + 1 })) : [];
      const shown = isWithout ? [] : [...told, ...again];
      return {
        Id: query.Id,
        Label: name,
        StatusCode: status,
        Timestamps: shown.map(({ at }) => new Date(at)),
        Values: shown.map(({ value }) => value),
      };
    });
    const total = all.reduce((sum, { points }) => sum + points.length, 0);
    const next = begin + size < total ? { NextToken: `points-${begin + size}` } : {};
    return { MetricDataResults: results, Messages: fake.words, ...next };
  }

  return fake;
}

function requireValid(input: Input, start: number, end: number, now: number): void {
  const refuse = (message: string): never => {
    throw new AwsFault('ValidationError', message, 400);
  };
  const { MetricDataQueries: queries } = input;
  if (queries.length === 0 || queries.length > 500) refuse('MetricDataQueries must have 1 to 500 members');
  const ids = queries.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) refuse('ids of MetricDataQueries must be unique');
  if (start >= end) refuse('The parameter StartTime must be less than the parameter EndTime.');
  for (const { Id, MetricStat } of queries) {
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(Id))
      refuse(`The value ${Id} for parameter Id is not matching the pattern`);
    if (MetricStat === undefined) refuse('this fake knows MetricStat alone');
    const { Period, Stat } = MetricStat!;
    if (![1, 5, 10, 20, 30].includes(Period) && Period % 60 !== 0) refuse(`${Period} is no valid period`);
    if (now - start > 15 * DAY_S * 1000 && Period % 300 !== 0) refuse('the period must be a multiple of 300');
    if (now - start > 63 * DAY_S * 1000 && Period % 3600 !== 0)
      refuse('the period must be a multiple of 3600');
    if (statisticOf(Stat, [1]) === undefined) refuse(`${Stat} is no statistic`);
  }
}

function tokenOffset(token: string): number {
  const offset = /^points-(\d+)$/.exec(token)?.[1];
  if (offset === undefined) throw new AwsFault('InvalidNextToken', 'the token is not one of mine', 400);
  return Number(offset);
}

function instantOf(time: number | string): number {
  return typeof time === 'number' ? time * 1000 : Date.parse(time);
}

function keyOf(namespace: string, metric: string, dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify([namespace, metric, Object.entries(dimensions).sort()]);
}
