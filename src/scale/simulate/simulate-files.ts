/** `roc scale simulate`: series and policies are read, everything is run, and what was asked for is written. */
import { basename } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { loadScalePolicy } from '../load-policy.js';
import type { ScalePolicy } from '../policy.js';
import type { Faults } from './fleet/faults.js';
import type { FleetModel } from './fleet/model.js';
import { parseOutputs, writeReports } from './report/outputs.js';
import { rocPolicy } from './roc-policy.js';
import { loadSeries, type ReadHistory } from './series/load.js';
import type { Series } from './series/series.js';
import { type Pictured, type Simulation, simulate } from './simulate.js';
import { type Frontier, frontiers, type Suggestion, suggest } from './tune/suggest.js';
import { BASELINE_TUNABLES, rocTunable } from './tune/tunables.js';

export interface SimulateFilesRequest {
  /** CSV files, and `cloudwatch:14d`. */
  readonly inputs: readonly string[];
  /** Policy files; none is the shipped policy. */
  readonly policies: readonly string[];
  readonly packageRoot: string;
  readonly against: readonly string[];
  readonly fleet: FleetModel;
  readonly faults: Faults;
  readonly capacity: number | undefined;
  readonly column: string | undefined;
  readonly zerosAreMissing: boolean;
  readonly allowGaps: boolean;
  readonly wantsFrontier: boolean;
  readonly wantsSuggestion: boolean;
  /** Avoidable violations that a suggestion may have, in percent. */
  readonly budgetPct: number;
  /** `FILE=FORMAT`. */
  readonly outputs: readonly string[];
  readonly readHistory: ReadHistory | undefined;
  readonly onProgress: (text: string) => void;
}

export interface SimulationReport extends Simulation {
  readonly policies: readonly { readonly name: string; readonly file: string; readonly sha256: string }[];
  /** Null where it was not asked for. */
  readonly frontier: readonly Frontier[] | null;
  readonly suggestion: Suggestion | null;
}

export interface Simulated {
  readonly report: SimulationReport;
  readonly pictures: readonly Pictured[];
  readonly series: readonly Series[];
}

/** @throws RocError ROC_USAGE, ROC_NOT_FOUND, ROC_INVALID_INPUT, ROC_POLICY_INVALID, ROC_TOO_LARGE */
export async function simulateFiles(request: SimulateFilesRequest): Promise<Simulated> {
  const outputs = parseOutputs(request.outputs);
  const policies = await loadPolicies(request);
  request.onProgress('reading series');
  const series = await loadSeries(request.inputs, request);
  request.onProgress(`simulating ${series.length} series`);
  const { simulation, pictures } = simulate({
    series,
    policies: policies.map(({ name, policy }) => rocPolicy(name, policy)),
    against: request.against,
    fleet: request.fleet,
    capacity: request.capacity,
    faults: request.faults,
  });
  const workloads = pictures.map(({ workload }) => workload);
  const tunables = [...policies.map(({ name, policy }) => rocTunable(name, policy)), ...BASELINE_TUNABLES];
  if (request.wantsFrontier) request.onProgress('sweeping targets');
  const frontier = request.wantsFrontier ? frontiers(workloads, tunables, request.fleet) : null;
  if (request.wantsSuggestion) request.onProgress('tuning on the first 70 %');
  const suggestion = request.wantsSuggestion
    ? suggest(workloads, tunables, request.fleet, request.budgetPct)
    : null;
  const report: SimulationReport = {
    policies: policies.map(({ name, file, sha256 }) => ({ name, file, sha256 })),
    ...simulation,
    frontier,
    suggestion,
  };
  await writeReports(outputs, report, pictures);
  return { report, pictures, series };
}

interface NamedPolicy {
  readonly name: string;
  readonly policy: ScalePolicy;
  readonly file: string;
  readonly sha256: string;
}

async function loadPolicies({ policies, packageRoot }: SimulateFilesRequest): Promise<NamedPolicy[]> {
  const files = policies.length === 0 ? [undefined] : policies;
  const loaded: NamedPolicy[] = [];
  for (const given of files) {
    const { policy, file, sha256 } = await loadScalePolicy(packageRoot, given);
    const name = given === undefined ? 'roc' : basename(file).replace(/\.ya?ml$/, '');
    if (loaded.some((other) => other.name === name))
      throw new RocError('ROC_USAGE', `two policies are named ${name}`, {
        hint: 'A policy is named by its file; rename one of them.',
      });
    loaded.push({ name, policy, file, sha256 });
  }
  return loaded;
}
