import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionTemplate extends RocCommand<typeof ProvisionTemplate> {
  static override summary = 'print the CloudFormation template of the stack';
  static override description =
    'Looks up zones, images and the certificate in the account, as a plan does. With --offline it asks AWS nothing: stand-ins take their place, and the template cannot be deployed as it is.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --region eu-west-1',
    '<%= config.bin %> <%= command.id %> --offline --region eu-west-1 --out templates',
  ];
  static override flags = {
    ...provisionFlags,
    offline: Flags.boolean({ summary: 'ask AWS nothing; stand-ins for what it would tell' }),
    stack: Flags.string({ summary: 'the stack that is meant; there is one', helpValue: 'NAME' }),
    out: Flags.string({ summary: 'write NAME.template.json into this folder', helpValue: 'DIR' }),
  };

  async run(): Promise<unknown> {
    const { templateOf } = await import('../../src/stack/template-of.js');
    const { template, stackName, file, warning } = await templateOf({
      config: await this.rocConfig(),
      env: process.env,
      flags: this.flags,
      version: this.config.version,
      packageRoot: this.config.root,
    });
    if (warning !== null) this.warn(warning);
    if (file === null) {
      this.log(JSON.stringify(template, null, 2));
      return template;
    }
    this.log(file);
    return { stack: stackName, file };
  }
}
