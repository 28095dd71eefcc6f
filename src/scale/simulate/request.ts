/** The words of `roc scale simulate`, flags and configuration, as a request. */
import { isAbsolute, resolve } from 'node:path';
import type { AwsFlags } from '../../kernel/aws.js';
import { type Config, readSection } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { scaleSectionSchema } from '../section.js';
import { liveHistory } from './live-history.js';
import { type FaultWords, type FleetWords, faultsOf, fleetOf, positiveOf } from './options.js';
import type { SimulateFilesRequest } from './simulate-files.js';

export interface SimulateWords extends FleetWords, FaultWords, AwsFlags {
  readonly policy?: readonly string[] | undefined;
  readonly against: string;
  readonly output?: readonly string[] | undefined;
  readonly frontier: boolean;
  readonly suggest: boolean;
  readonly budget: string;
  readonly 'max-avoidable'?: string | undefined;
  readonly column?: string | undefined;
  readonly zeros: string;
  readonly 'allow-gaps': boolean;
  readonly capacity?: string | undefined;
}

export interface Surroundings {
  readonly inputs: readonly string[];
  readonly packageRoot: string;
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly onProgress: (text: string) => void;
}

/** @throws RocError ROC_USAGE, ROC_CONFIG_INVALID */
export function requestOf(
  words: SimulateWords,
  around: Surroundings,
): { readonly request: SimulateFilesRequest; readonly mostAvoidable: number | undefined } {
  const policies = policyFiles(words, around);
  const request: SimulateFilesRequest = {
    inputs: around.inputs,
    policies,
    packageRoot: around.packageRoot,
    against: names(words.against),
    fleetOf: (policy) => fleetOf(words, policy),
    faults: faultsOf(words),
    capacity: positiveOf('--capacity', words.capacity),
    column: words.column,
    zerosAreMissing: words.zeros === 'missing',
    allowGaps: words['allow-gaps'],
    wantsFrontier: words.frontier,
    wantsSuggestion: words.suggest,
    budgetPct: positiveOf('--budget', words.budget) ?? 0.5,
    outputs: words.output ?? [],
    readHistory: liveHistory({ ...around, flags: words, policyFile: policies[0] }),
    onProgress: around.onProgress,
  };
  return { request, mostAvoidable: positiveOf('--max-avoidable', words['max-avoidable']) };
}

function policyFiles({ policy }: SimulateWords, { config, cwd }: Surroundings): readonly string[] {
  if (policy !== undefined && policy.length > 0) return policy;
  const configured = readSection(config, 'scale', scaleSectionSchema, {}).policy;
  if (configured === undefined) return [];
  return [
    isAbsolute(configured) ? configured : resolve(config.file === null ? cwd : config.file, '..', configured),
  ];
}

function names(text: string): string[] {
  const found = text.split(',').map((name) => name.trim());
  const twice = found.find((name, i) => found.indexOf(name) !== i);
  if (twice === undefined && !found.includes('')) return found;
  throw new RocError(
    'ROC_USAGE',
    `--against ${text} ${twice === undefined ? 'has an empty name' : `names ${twice} twice`}`,
    {
      hint: 'Write names joined by commas: tt50,hpa60,static4,oracle.',
    },
  );
}
