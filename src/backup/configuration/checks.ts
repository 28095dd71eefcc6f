/** The checks of an export of configuration: it opens, it is fresh, and what is live is what it holds. */
import { formatDuration, isoTime } from '../../kernel/time.js';
import type { CheckInput } from '../check-input.js';
import type { Check, Outcome } from '../checks/context.js';
import { CLOCKS_APART, judgeFreshness } from '../checks/freshness.js';
import { runCheck } from '../checks/run-check.js';
import type { ConfigAsset } from '../model.js';
import type { CheckResult } from '../results.js';
import { type ConfigDifference, type ConfigItem, diffItems } from './items.js';
import { type ExportKeys, openExport, type SealedExport } from './sealed-export.js';

export interface ConfigCheckInput extends Pick<CheckInput, 'now' | 'signal' | 'log'> {
  readonly asset: ConfigAsset;
  /** Null where none was taken. */
  readonly sealed: SealedExport | null;
  readonly keys: ExportKeys;
  live(): Promise<ConfigItem[]>;
}

export async function checkConfiguration(input: ConfigCheckInput): Promise<CheckResult[]> {
  let opened: ConfigItem[] | null = null;
  const { sealed } = input;
  const critical = (id: string, run: (sealed: SealedExport) => Promise<Outcome>): Check => ({
    id,
    critical: true,
    run: async () =>
      sealed === null
        ? {
            verdict: 'inconclusive',
            expected: 'an export',
            actual: `none was taken: roc backup manifest ${input.asset.id}`,
          }
        : run(sealed),
  });
  const all: Check[] = [
    critical('readable', async (found) => {
      opened = await openOrNull(found, input.keys);
      const expected = `${found.items} items that open with their key and have their SHA-256`;
      if (opened !== null && opened.length === 0)
        return { verdict: 'inconclusive', expected: 'at least one item', actual: 'it holds nothing' };
      return opened === null
        ? { verdict: 'fail', expected, actual: 'it does not open: changed, or of another key' }
        : { verdict: 'pass', expected, actual: `${opened.length} items`, details: { sha256: found.sha256 } };
    }),
    critical('fresh', async ({ takenAt }) =>
      judgeFreshness('an export', takenAt, input.asset.rpo, input.now(), 'fail'),
    ),
    critical('same-as-live', async ({ takenAt }) => {
      if (opened === null)
        return {
          verdict: 'inconclusive',
          expected: 'the live configuration',
          actual: 'the export does not open',
        };
      return judgeDrift(
        diffItems(opened, await input.live()),
        input.now() - Date.parse(takenAt),
        input.asset.rpo,
      );
    }),
  ];
  const results: CheckResult[] = [];
  for (const check of all) results.push(await runCheck(check, input));
  return results;
}

/** Pure: what changed since is lost data only once it is older than the policy lets it be. */
export function judgeDrift(differences: readonly ConfigDifference[], age: number, rpo: number): Outcome {
  const expected = 'what is live is in the export';
  const named = differences.slice(0, 5).map(({ name, what }) => `${name} ${what}`);
  const more = differences.length > 5 ? `; ${differences.length - 5} more` : '';
  if (differences.length === 0) return { verdict: 'pass', expected, actual: 'the same' };
  const isAllowed = age >= -CLOCKS_APART && age <= rpo;
  return {
    verdict: isAllowed ? 'pass' : 'fail',
    expected,
    actual: `${named.join('; ')}${more}${isAllowed ? `, changed within ${formatDuration(rpo)}` : ''}`,
    details: { differences: differences.slice(0, 100) },
  };
}

async function openOrNull(sealed: SealedExport, keys: ExportKeys): Promise<ConfigItem[] | null> {
  try {
    return await openExport(sealed, keys);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ROC_BLOB_CORRUPT') return null;
    throw error;
  }
}

/** The name of an export: its time in front, so that names sort by age. */
export function exportName(id: string, now: number): string {
  return `${isoTime(Math.round(now)).replace(/[-:]|\.\d+/g, '')}-${id}.json`;
}
