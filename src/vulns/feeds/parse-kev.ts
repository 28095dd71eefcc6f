/** CISA's catalogue of known exploited vulnerabilities, as its JSON says it. */
import { RocError } from '../../kernel/errors.js';
import { isObject, number, objects, text } from '../adapters/json.js';
import type { KevFact } from '../model.js';

export interface KevFeed {
  readonly entries: ReadonlyMap<string, KevFact>;
  /** ISO date of the release, or null. */
  readonly date: string | null;
  /** How many entries the catalogue says it has. */
  readonly count: number | null;
}

/** @throws RocError ROC_INVALID_INPUT when it is no KEV catalogue */
export function parseKev(content: string, file: string): KevFeed {
  const catalogue = parseJson(content, file);
  const list = isObject(catalogue) ? catalogue['vulnerabilities'] : undefined;
  if (!isObject(catalogue) || !Array.isArray(list))
    throw new RocError('ROC_INVALID_INPUT', `${file} is no KEV catalogue`, {
      hint: 'Expected the JSON that CISA publishes, with a list named vulnerabilities; `roc vulns feeds pull` fetches it.',
    });
  const entries = new Map<string, KevFact>();
  for (const entry of objects(list)) {
    const cve = text(entry['cveID']);
    if (cve === undefined) continue;
    entries.set(cve, {
      dateAdded: text(entry['dateAdded']),
      dueDate: text(entry['dueDate']),
      ransomware: text(entry['knownRansomwareCampaignUse'])?.toLowerCase() === 'known',
    });
  }
  return {
    entries,
    date: text(catalogue['dateReleased']) ?? null,
    count: number(catalogue['count']) ?? null,
  };
}

function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${file} is not JSON`, { hint: 'Pull the feed again.', cause });
  }
}
