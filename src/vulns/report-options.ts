/** From the words of a command line to what a report asks for. */
import { resolveAwsTarget } from '../kernel/aws.js';
import type { Config } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { parseFailOn } from './fail-on.js';
import { GROUPINGS } from './groups.js';
import { type LiveRequest, parseLive } from './live.js';
import { FORMATS, type Format, parseOutput } from './outputs/formats.js';
import type { ReportRequest } from './report-request.js';
import { vulnsWords } from './section.js';
import { parseSince } from './since.js';

export interface ReportWords {
  readonly inputs: readonly string[];
  readonly policy?: string | undefined;
  readonly assets?: string | undefined;
  readonly suppressions?: readonly string[] | undefined;
  readonly vex?: readonly string[] | undefined;
  readonly feeds?: string | undefined;
  readonly 'require-feeds'?: boolean | undefined;
  readonly store?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly jobs?: number | undefined;
  readonly output?: readonly string[] | undefined;
  readonly 'fail-on'?: readonly string[] | undefined;
  readonly live?: string | undefined;
  readonly 'role-arn'?: readonly string[] | undefined;
  readonly regions?: string | undefined;
  readonly full?: boolean | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly 'endpoint-url'?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly baseline?: string | undefined;
  readonly group?: string | undefined;
  readonly since?: string | undefined;
}

/** @throws RocError ROC_USAGE, ROC_CONFIG_INVALID */
export function reportOptions(
  config: Config,
  given: ReportWords,
  env: Readonly<Record<string, string | undefined>>,
  now: number,
): Omit<ReportRequest, 'packageRoot'> {
  const words = vulnsWords(config, given);
  const live = liveRequest(words, env);
  if (words.inputs.length === 0 && live === undefined)
    throw new RocError('ROC_USAGE', 'nothing to read', {
      hint: 'Name files or folders, - for standard input, or --live with services of AWS.',
    });
  return {
    inputs: words.inputs,
    live,
    policy: words.policy,
    assets: words.assets,
    suppressions: words.suppressions,
    vex: words.vex,
    feeds: words.feeds,
    requireFeeds: words['require-feeds'],
    store: words.store,
    scope: words.scope,
    jobs: words.jobs,
    outputs: (words.output ?? []).map(parseOutput),
    gates: (words['fail-on'] ?? []).map(parseFailOn),
    strict: words.strict ?? false,
    baseline: words.baseline,
    group: GROUPINGS.find((name) => name === words.group),
    since: words.since === undefined ? undefined : parseSince(words.since, now),
    now,
  };
}

// Every region with every role; without a role, the caller's own account.
function liveRequest(
  words: ReportWords,
  env: Readonly<Record<string, string | undefined>>,
): LiveRequest | undefined {
  if (words.live === undefined) return undefined;
  const regions = words.regions?.split(',').map((region) => region.trim()) ?? [words.region];
  const roles = words['role-arn'] ?? [undefined];
  const targets = regions.flatMap((region) => {
    const target = resolveAwsTarget({ ...words, region }, env);
    return roles.map((roleArn) => ({ ...target, roleArn }));
  });
  return { services: parseLive(words.live), targets, full: words.full ?? false };
}

/** Null for the table that people read. @throws RocError ROC_USAGE */
export function stdoutFormat(name: string): Format | null {
  if (name === 'table') return null;
  if (Object.hasOwn(FORMATS, name)) return name as Format;
  throw new RocError('ROC_USAGE', `--format ${name} is no format`, {
    hint: `Formats are: table, ${Object.keys(FORMATS).join(', ')}.`,
  });
}
