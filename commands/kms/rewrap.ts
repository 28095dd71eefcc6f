import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class KmsRewrap extends RocCommand<typeof KmsRewrap> {
  static override summary = 'wrap every data key by the present master key; stored robots are not touched';
  static override description =
    'Name the former master key in server.formerKms or --former-kms. An embedded server must be stopped meanwhile; on MySQL all nodes must know both keys. May be run again after a break.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --kms aws-kms:arn:aws:kms:eu-west-1:111122223333:key/5f… --former-kms local:.roc/keys/master.key',
  ];
  static override flags = {
    'data-dir': Flags.string({ summary: 'folder of an embedded server (.roc)', helpValue: 'DIR' }),
    database: Flags.string({ summary: 'sqlite:PATH or mysql://user@host/database', helpValue: 'URL' }),
    kms: Flags.string({ summary: 'local:PATH or aws-kms:KEY_ARN', helpValue: 'URL' }),
    'former-kms': Flags.string({ summary: 'the master key before it', helpValue: 'URL', multiple: true }),
  };

  async run(): Promise<unknown> {
    const { readSection } = await import('../../src/kernel/config.js');
    const { serverConfigSchema, serverFlags } = await import('../../src/orchestrator/config.js');
    const config = readSection(await this.rocConfig(), 'server', serverConfigSchema, serverFlags(this.flags));
    const { rewrapKeys } = await import('../../src/orchestrator/rewrap-keys.js');
    const result = await rewrapKeys(config, process.env, this.roomLog());
    this.log(`${result.moved} data keys moved to ${result.keyId}, ${result.unchanged} were there already`);
    return result;
  }
}
