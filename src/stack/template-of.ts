/** `roc provision template`: the template as JSON, printed or written to a folder. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';
import { awsAccess } from './aws/access.js';
import { gatherFacts } from './aws/facts.js';
import { readDutyFiles } from './duty-files.js';
import { areKnown, type StackFacts } from './facts.js';
import { imagePlace } from './first-image.js';
import { localStack } from './local-stack.js';
import { stackConfigSchema } from './model.js';
import { settle } from './settings.js';
import type { Template } from './template.js';

export interface TemplateRequest {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & {
    readonly offline: boolean;
    readonly stack?: string | undefined;
    readonly out?: string | undefined;
  };
  readonly version: string;
  readonly packageRoot: string;
}

export interface TemplateResult {
  readonly stackName: string;
  readonly template: Template;
  /** Where it was written; null where it was not. */
  readonly file: string | null;
  readonly warning: string | null;
}

/** @throws RocError ROC_NOT_FOUND for a stack of another name */
export async function templateOf(request: TemplateRequest): Promise<TemplateResult> {
  const { flags, ...rest } = request;
  const facts = flags.offline ? undefined : await lookedUp(request);
  const stack = localStack({ ...rest, region: flags.region }, facts);
  const { stackName } = stack.settings;
  if (flags.stack !== undefined && flags.stack !== stackName)
    throw new RocError('ROC_NOT_FOUND', `there is no stack "${flags.stack}" in roc.yaml`, {
      hint: `The stack is called ${stackName}.`,
    });
  const { blueprint } = await stack.synthesis();
  return {
    stackName,
    template: blueprint.template,
    file: flags.out === undefined ? null : await write(flags.out, stackName, blueprint.template),
    warning: areKnown(stack.request.facts)
      ? null
      : 'made without a look at AWS: the prefix list and the hosted zone are stand-ins; do not deploy this',
  };
}

function lookedUp({ config, env, flags, packageRoot, version }: TemplateRequest): Promise<StackFacts> {
  const section = readSection(config, 'stack', stackConfigSchema);
  const region = flags.region || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || section.region;
  const access = awsAccess(resolveAwsTarget({ ...flags, region }, env));
  const image = imagePlace(settle(section, version));
  return gatherFacts(access, section, { image, files: readDutyFiles(section, { config, packageRoot }) });
}

async function write(folder: string, stackName: string, template: Template): Promise<string> {
  const file = join(folder, `${stackName}.template.json`);
  await makeFolder(folder);
  await writeFile(file, `${JSON.stringify(template, null, 2)}\n`);
  return file;
}
