import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class IamPolicy extends RocCommand<typeof IamPolicy> {
  static override summary = 'print the least AWS rights that a command needs';
  static override description =
    'Asks AWS nothing. Without --account, --region and --stack the ARNs have stars in their places: fill them in before you use the policy.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> backup verify',
    '<%= config.bin %> <%= command.id %> provision apply --account 123456789012 --region eu-west-1 --stack roc-prod',
  ];
  static override args = {
    topic: Args.string({ required: true, description: 'command, or its first word' }),
    verb: Args.string({ description: 'its second word' }),
  };
  static override flags = {
    account: Flags.string({ summary: 'account in the ARNs', helpValue: 'ID' }),
    region: Flags.string({ summary: 'region in the ARNs', helpValue: 'REGION' }),
    stack: Flags.string({ summary: 'stack in the ARNs', helpValue: 'NAME' }),
  };

  async run(): Promise<unknown> {
    const { commandPolicy } = await import('../../src/cli/iam/policy.js');
    const { topic, verb } = this.args;
    const { account, region, stack } = this.flags;
    const policy = commandPolicy(verb === undefined ? topic : `${topic} ${verb}`, { account, region, stack });
    this.log(JSON.stringify(policy, null, 2));
    return policy;
  }
}
