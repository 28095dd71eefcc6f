/** What a report decides by: policy, table, assets, suppressions, VEX, feeds; each from its file, checked. */
import { stat } from 'node:fs/promises';
import { RocError } from '../kernel/errors.js';
import { readBaseline } from './baseline.js';
import type { Listing } from './collect/listing.js';
import type { Settings } from './collect/settings.js';
import { gapNames, targetNames } from './coverage.js';
import { feedWarnings, type LoadedFeeds, loadFeeds, requireFeeds } from './feeds/load.js';
import type { GatherRequest } from './gather-request.js';
import { checkSuppressions, loadAssets, loadPolicy, loadSuppressions, loadTable } from './load-policy.js';
import type { Coverage } from './model.js';
import { parseScope } from './scope-words.js';
import { readVexFile } from './vex/read.js';

export interface Gathered {
  readonly settings: Settings;
  readonly feeds: LoadedFeeds;
  readonly warnings: readonly string[];
}

/** @throws RocError ROC_POLICY_INVALID, ROC_NOT_FOUND, ROC_INVALID_INPUT */
export async function gatherSettings(request: GatherRequest): Promise<Gathered> {
  if (request.baseline !== undefined && request.store !== undefined)
    throw new RocError('ROC_USAGE', '--baseline and --store both say what is known', {
      hint: 'Give one of them; a store also tells what was fixed.',
    });
  const shipped = await loadPolicy(request.packageRoot, request.policy);
  const more = await Promise.all(
    (request.suppressions ?? []).map(async (path) => ({ path, suppress: await loadSuppressions(path) })),
  );
  const all = [{ path: request.policy ?? 'the policy', suppress: shipped.suppress }, ...more];
  checkSuppressions(all, shipped.limits.maxSuppressDays, request.now);
  const policy = { ...shipped, suppress: all.flatMap(({ suppress }) => suppress) };
  const vex = await Promise.all((request.vex ?? []).map(readVexFile));
  if (request.feeds !== undefined) await requireFolder(request.feeds);
  const feeds = await loadFeeds(request.feeds ?? null, request.now, policy.thresholds.feedsMaxAgeDays);
  if (request.requireFeeds === true) requireFeeds(feeds.states);
  const settings: Settings = {
    policy,
    table: await loadTable(request.packageRoot, policy.table),
    assets: request.assets === undefined ? [] : await loadAssets(request.assets),
    gates: [...policy.gates, ...(request.gates ?? [])],
    vex: vex.flatMap(({ statements }) => statements),
    scope: {
      declared: parseScope(request.scope ?? []),
      targets: [],
      gaps: [],
      listings: [],
      blind: [],
      isPartial: false,
    },
    hasStore: request.store !== undefined,
    baseline: request.baseline === undefined ? null : await readBaseline(request.baseline),
    now: request.now,
  };
  const refused = vex.flatMap((read) => read.refused).map((line) => `VEX ${line}: left out`);
  return { settings, feeds, warnings: [...feedWarnings(feeds.states), ...refused] };
}

// Feeds that were asked for by name and are not there are a slip, not a choice to do without.
async function requireFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new RocError('ROC_NOT_FOUND', `${dir} is no folder of feeds`, {
    hint: 'Check --feeds (or ROC_VULNS_FEEDS); `roc vulns feeds pull` makes one.',
  });
}

export interface Looked {
  readonly coverage: readonly Coverage[];
  readonly listings: readonly Listing[];
  readonly blind: Settings['scope']['blind'];
  /** How many records could not be read. */
  readonly lost: number;
}

/** The settings once the inputs have told what they looked at. */
export function withScope(settings: Settings, { coverage, listings, blind, lost }: Looked): Settings {
  const targets = coverage.flatMap(targetNames);
  const gaps = coverage.flatMap(gapNames);
  return {
    ...settings,
    scope: { ...settings.scope, targets, gaps, listings, blind, isPartial: lost > 0 },
  };
}
