/** Collects the configuration that a policy names, from AWS and from files. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import type { AwsAccess } from '../aws/clients.js';
import { readParameterGroups, readParameters, readRoles } from '../aws/configuration.js';
import type { ConfigAsset } from '../model.js';
import type { ConfigItem } from './items.js';

/** @param folder what paths of files are relative to */
export async function collectConfiguration(
  access: AwsAccess,
  include: ConfigAsset['include'],
  folder: string,
): Promise<ConfigItem[]> {
  const items: ConfigItem[] = [];
  for (const wanted of include) {
    if (wanted.source === 'ssm') items.push(...(await readParameters(access, wanted.path)));
    else if (wanted.source === 'rds-parameter-groups')
      items.push(...(await readParameterGroups(access, wanted.names)));
    else if (wanted.source === 'iam-roles') items.push(...(await readRoles(access, wanted.prefix)));
    else items.push(...(await Promise.all(wanted.paths.map((path) => readItem(folder, path)))));
  }
  // Two entries of a policy may name the same thing.
  return [...new Map(items.map((item) => [item.name, item])).values()];
}

async function readItem(folder: string, path: string): Promise<ConfigItem> {
  try {
    return { name: `file:${path}`, value: await readFile(resolve(folder, path), 'utf8') };
  } catch (cause) {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, {
      hint: 'Correct include of the configuration asset; paths are relative to the policy.',
      cause,
    });
  }
}
