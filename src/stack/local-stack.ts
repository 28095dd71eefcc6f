/** The stack of a roc.yaml without a look at AWS: what template, check and cost start from. */

import { type Config, readSection } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { buildOf } from './build-of.js';
import { cachedSynthesis, templateCache } from './cached-synthesis.js';
import { readDutyFiles } from './duty-files.js';
import { type StackFacts, unknownFacts } from './facts.js';
import { stackConfigSchema } from './model.js';
import { type StackSettings, settle } from './settings.js';
import type { Synthesis, SynthesisRequest } from './synthesise.js';

export interface LocalOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly region: string | undefined;
  readonly version: string;
  readonly packageRoot: string;
}

export interface LocalStack {
  readonly region: string;
  readonly settings: StackSettings;
  readonly request: SynthesisRequest;
  synthesis(): Promise<Synthesis & { readonly isCached: boolean }>;
}

/** @param facts what was looked up; stand-ins that no account has where it is left out */
export function localStack(options: LocalOptions, facts?: StackFacts): LocalStack {
  const { config, env, version, packageRoot } = options;
  const section = readSection(config, 'stack', stackConfigSchema);
  const region = options.region || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || section.region;
  if (region === undefined)
    throw new RocError('ROC_REGION_MISSING', 'no region says where the stack would be', {
      hint: 'Pass --region, set AWS_REGION, or write stack.region into roc.yaml.',
    });
  const looked = facts ?? { ...unknownFacts(region), files: readDutyFiles(section, options) };
  const request = { config: section, facts: looked, version };
  return {
    region,
    settings: settle(section, version),
    request,
    synthesis: () =>
      cachedSynthesis(request, { folder: templateCache(env), build: buildOf(packageRoot, version) }),
  };
}
