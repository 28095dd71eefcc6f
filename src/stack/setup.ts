/** What every provision command starts from: the section of roc.yaml, access to AWS, and the blueprint when it is asked for. */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { writeStackFile } from '../kernel/stack-file.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { awsAccess } from './aws/access.js';
import { gatherFacts } from './aws/facts.js';
import { buildOf } from './build-of.js';
import { cachedSynthesis, templateCache } from './cached-synthesis.js';
import { type DutyFile, dutyFilesOf, readDutyFiles } from './duty-files.js';
import { type Engine, waiting } from './engine.js';
import { imagePlace } from './first-image.js';
import { loadJudgement, planJudge } from './judge-plan.js';
import { stackConfigSchema } from './model.js';
import type { PlanRequest } from './plan.js';
import type { ProvisionEvent } from './provision-event.js';
import { settle } from './settings.js';
import type { TemplateRoom } from './template-room.js';

export interface SetupOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags;
  readonly version: string;
  /** Of the installed package: what tells one build from another. */
  readonly packageRoot: string;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: ProvisionEvent) => void;
  /** Looks at the policies that roc.yaml names for the duties; throws where one is none. */
  readonly checkFiles?: ((files: readonly DutyFile[]) => Promise<void>) | undefined;
}

export interface StackRoom {
  readonly engine: Engine;
  readonly stackName: string;
  readonly env: string;
  readonly isProduction: boolean;
  /** Where roc.yaml pins the stack; null where it does not. */
  readonly account: string | null;
  readonly region: string | null;
  /** The template of roc.yaml, with what was looked up in the account for it. Takes seconds when nothing is cached. */
  blueprint(): Promise<Pick<PlanRequest, 'blueprint' | 'resolved' | 'version' | 'missingImage'>>;
  /** All that a plan is made from. */
  planRequest(templateRoom: TemplateRoom): Promise<PlanRequest>;
  /** Leaves the outputs where the other rooms look for them; returns the file. */
  saveOutputs(outputs: StackOutputs): string;
}

export function setUpStack(options: SetupOptions): StackRoom {
  const { config, cwd, env, flags, version, packageRoot, signal, onEvent = () => {} } = options;
  const section = readSection(config, 'stack', stackConfigSchema);
  const settings = settle(section, version);
  const { stackName, env: environment } = settings;
  const region = flags.region || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || section.region;
  const access = awsAccess(resolveAwsTarget({ ...flags, region }, env));
  const engine: Engine = {
    access,
    clock: Date.now,
    token: randomUUID,
    wait: waiting(signal),
    signal,
    onEvent,
  };
  const blueprint: StackRoom['blueprint'] = async () => {
    await options.checkFiles?.(dutyFilesOf(section, config.file === null ? cwd : dirname(config.file)));
    const image = imagePlace(settings);
    const facts = await gatherFacts(access, section, { image, files: readDutyFiles(section, options) });
    const synthesis = await cachedSynthesis(
      { config: section, facts, version },
      { folder: templateCache(env), build: buildOf(packageRoot, version) },
    );
    return {
      ...{ blueprint: synthesis.blueprint, version, resolved: resolvedOf(facts.images) },
      missingImage: facts.hasImage === false ? image : null,
    };
  };
  return {
    engine,
    stackName,
    env: environment,
    isProduction: environment === 'prod',
    account: section.account ?? null,
    region: section.region ?? null,
    blueprint,
    planRequest: async (templateRoom) => ({
      ...(await blueprint()),
      templateRoom,
      judge: planJudge({
        settings,
        region: access.target.region,
        now: Date.now(),
        ...(await loadJudgement(packageRoot)),
      }),
    }),
    saveOutputs: (outputs) => writeStackFile(config.file, cwd, outputs),
  };
}

function resolvedOf(images: Readonly<Record<string, string>> | null): Record<string, string> {
  return Object.fromEntries(Object.entries(images ?? {}).map(([arch, id]) => [`image.${arch}`, id]));
}
