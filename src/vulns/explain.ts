/** roc vulns explain: one finding, the row of the table that decided, and every reason. */
import { open } from 'node:fs/promises';
import { RocError } from '../kernel/errors.js';
import { createJudge } from './collect/judge.js';
import { buildTable, type DecisionTable } from './decide/table.js';
import { feedLookup } from './feeds/lookup.js';
import { gatherSettings } from './gather.js';
import type { GatherRequest } from './gather-request.js';
import type { Finding } from './model.js';
import { eachTrack } from './store/disk-store.js';
import { rememberedEvidence } from './store/remembered-evidence.js';

export interface ExplainRequest extends GatherRequest {
  readonly key: string;
  /** A JSON or JSON Lines report of roc. */
  readonly report?: string | undefined;
}

export interface Explanation {
  readonly finding: Finding;
  readonly table: string;
  /** The whole table, the deciding row marked. */
  readonly rows: readonly {
    readonly row: number;
    readonly values: Readonly<Record<string, string>>;
    readonly outcome: string;
    readonly decided: boolean;
  }[];
}

/**
 * Finds a finding by its key (or an unambiguous beginning of it) in a report, or in the memory, where it is decided anew.
 * @throws RocError ROC_NOT_FOUND, ROC_USAGE
 */
export async function explain(request: ExplainRequest): Promise<Explanation> {
  if (!/^[0-9a-f-]{6,40}$/.test(request.key))
    throw new RocError('ROC_USAGE', `${request.key} is no key of a finding`, {
      hint: 'Take the key from `roc vulns report`; its first characters are enough.',
    });
  const { settings, feeds } = await gatherSettings(request);
  const table = buildTable(settings.table);
  const found =
    request.report === undefined
      ? fromStore(request, (rows, store) => {
          const judge = createJudge(settings, {
            feeds: feedLookup(feeds.data),
            evidence: rememberedEvidence(store),
            table,
          });
          return rows.map(({ merged, since, isFixed }) =>
            judge.judge(merged, isFixed ? 'fixed' : 'open', since),
          );
        })
      : await fromReport(request.report, request.key);
  return { finding: found, table: table.name, rows: tableRows(table, found) };
}

type StoredRow = {
  merged: Parameters<ReturnType<typeof createJudge>['judge']>[0];
  since: number;
  isFixed: boolean;
};

function fromStore(request: ExplainRequest, judge: (rows: StoredRow[], store: string) => Finding[]): Finding {
  if (request.store === undefined)
    throw new RocError('ROC_USAGE', 'nothing to look the key up in', {
      hint: 'Name a report of roc with --report FILE, or the memory with --store DIR.',
    });
  const rows: StoredRow[] = [];
  for (const track of eachTrack(request.store))
    for (const merged of track.rows)
      if (merged.key.startsWith(request.key))
        rows.push({ merged, since: track.since, isFixed: track.state === 'fixed' });
  return only(judge(rows, request.store), request.key, request.store);
}

async function fromReport(file: string, key: string): Promise<Finding> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${file} cannot be read`, { hint: 'Check the path.', cause });
  });
  const found: Finding[] = [];
  // The report has one finding a line, so that one line at a time is enough.
  for await (const line of handle.readLines({ encoding: 'utf8' })) {
    if (!line.startsWith(`{"key":"${key}`)) continue;
    found.push(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line) as Finding);
  }
  return only(found, key, file);
}

function only(found: readonly Finding[], key: string, where: string): Finding {
  const exact = found.find((finding) => finding.key === key);
  const [first, second] = found;
  if (exact !== undefined) return exact;
  if (first === undefined)
    throw new RocError('ROC_NOT_FOUND', `no finding ${key} in ${where}`, {
      hint: 'Keys are in the first column of `roc vulns report`.',
    });
  if (second !== undefined)
    throw new RocError('ROC_USAGE', `${key} begins the keys of ${found.length} findings`, {
      hint: `Give more of it, for example ${first.key}.`,
    });
  return first;
}

function tableRows(table: DecisionTable, finding: Finding): Explanation['rows'] {
  return table.rows.map(({ row, values, outcome }) => ({
    row,
    values: Object.fromEntries(table.inputs.map((name, i) => [name, values[i] ?? ''])),
    outcome,
    decided: finding.decision.row === row,
  }));
}
