/** The account services of a roc.yaml: those of its region, and the vault of the copies where one is configured. */
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import type { AccountPort } from './account.js';
import { awsAccess } from './aws/access.js';
import { accountPort, copyVault } from './aws/account-services.js';
import { stackConfigSchema } from './model.js';

export interface AccountRoom {
  readonly region: string;
  readonly port: AccountPort;
}

export function accountOf(options: {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags;
}): AccountRoom {
  const { config, env, flags } = options;
  const section = readSection(config, 'stack', stackConfigSchema);
  const region = flags.region || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || section.region;
  const target = resolveAwsTarget({ ...flags, region }, env);
  const { copyRegion } = section.backup;
  const vault =
    copyRegion === undefined
      ? {}
      : {
          [`copy-vault (${copyRegion})`]: copyVault(
            awsAccess({ ...target, region: copyRegion }),
            `${section.name}-${section.env}-copy`,
          ),
        };
  return { region: target.region, port: { ...accountPort(awsAccess(target)), ...vault } };
}
