/** `roc scale simulate`: series and policies are read, everything is run, and what was asked for is written. */
import { basename } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { loadScalePolicy } from '../policy/load.js';
import type { ScalePolicy } from '../policy/policy.js';
import type { Faults } from './fleet/faults.js';
import type { FleetModel } from './fleet/model.js';
import { parseOutputs, writeReports } from './report/outputs.js';
import { dataLines } from './report/table.js';
import { rocPolicy } from './roc-policy.js';
import { loadSeries, type ReadHistory } from './series/load.js';
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
  /** The fleet to simulate, which may depend on the first policy. */
  readonly fleetOf: (policy: ScalePolicy) => FleetModel;
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
  /** What was found in the data and done about it. */
  readonly warnings: readonly string[];
}

/** @throws RocError ROC_USAGE, ROC_NOT_FOUND, ROC_INVALID_INPUT, ROC_POLICY_INVALID, ROC_TOO_LARGE */
export async function simulateFiles(request: SimulateFilesRequest): Promise<Simulated> {
  const outputs = parseOutputs(request.outputs);
  const policies = await loadPolicies(request);
  const fleet = request.fleetOf(policies[0].policy);
  request.onProgress('reading series');
  const series = await loadSeries(request.inputs, request);
  request.onProgress(`simulating ${series.length} series`);
  const { simulation, pictures } = simulate({
    series,
    policies: policies.map(({ name, policy }) => rocPolicy(name, policy)),
    against: request.against,
    fleet,
    capacity: request.capacity,
    faults: request.faults,
  });
  const workloads = pictures.map(({ workload }) => workload);
  const tunables = [...policies.map(({ name, policy }) => rocTunable(name, policy)), ...BASELINE_TUNABLES];
  if (request.wantsFrontier) request.onProgress('sweeping targets');
  const frontier = request.wantsFrontier ? frontiers(workloads, tunables, fleet) : null;
  if (request.wantsSuggestion) request.onProgress('tuning on the first 70 %');
  const suggestion = request.wantsSuggestion ? suggest(workloads, tunables, fleet, request.budgetPct) : null;
  const report: SimulationReport = {
    policies: policies.map(({ name, file, sha256 }) => ({ name, file, sha256 })),
    ...simulation,
    frontier,
    suggestion,
  };
  await writeReports(outputs, report, pictures);
  return { report, pictures, warnings: dataLines(series) };
}

interface NamedPolicy {
  readonly name: string;
  readonly policy: ScalePolicy;
  readonly file: string;
  readonly sha256: string;
}

type NamedPolicies = readonly [NamedPolicy, ...NamedPolicy[]];

async function loadPolicies({ policies, packageRoot }: SimulateFilesRequest): Promise<NamedPolicies> {
  const [first, ...rest] = policies;
  const loaded: [NamedPolicy, ...NamedPolicy[]] = [await loadPolicy(packageRoot, first)];
  for (const file of rest) {
    const next = await loadPolicy(packageRoot, file);
    if (loaded.some(({ name }) => name === next.name))
      throw new RocError('ROC_USAGE', `two policies are named ${next.name}`, {
        hint: 'A policy is named by its file; rename one of them.',
      });
    loaded.push(next);
  }
  return loaded;
}

async function loadPolicy(packageRoot: string, given: string | undefined): Promise<NamedPolicy> {
  const { policy, file, sha256 } = await loadScalePolicy(packageRoot, given);
  return { name: given === undefined ? 'roc' : basename(file).replace(/\.ya?ml$/, ''), policy, file, sha256 };
}
