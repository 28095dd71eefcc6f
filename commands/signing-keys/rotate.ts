import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { signingKeyFlags } from '../../src/cli/server-flags.js';

export default class SigningKeysRotate extends RocCommand<typeof SigningKeysRotate> {
  static override summary = 'add a key that signs tokens; the next one is published before it is used';
  static override description =
    'Every node takes it over within seconds, without a restart, and signs with it in a quarter of an hour; tokens of the former key count until they end. With --now, as after a theft, all former keys are thrown away at once: access tokens are renewed, people stay signed in.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --now --yes',
    '<%= config.bin %> <%= command.id %> --in-kms arn:aws:kms:eu-west-1:111122223333:key/mrk-1234',
  ];
  static override flags = {
    now: Flags.boolean({ summary: 'throw all former keys away' }),
    'in-kms': Flags.string({
      summary: 'the next key is this one of AWS KMS (ECC_NIST_EDWARDS25519), which never leaves it',
      helpValue: 'KEY_ARN',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'do not ask' }),
    ...signingKeyFlags,
  };

  async run(): Promise<unknown> {
    const { readSection } = await import('../../src/kernel/config.js');
    const { placesOf, serverConfigSchema, serverFlags } = await import('../../src/orchestrator/config.js');
    const { rotateSigningKeys } = await import('../../src/orchestrator/auth/signing-keys.js');
    const { now: isStolen, yes, 'in-kms': kms, ...flags } = this.flags;
    const config = readSection(await this.rocConfig(), 'server', serverConfigSchema, serverFlags(flags));
    if (isStolen) {
      const { confirm } = await import('../../src/cli/prompts.js');
      await confirm('Throw away all keys that sign tokens?', { yes });
    }
    const where = placesOf(config).signingKeys;
    const items = await rotateSigningKeys(where, { now: Date.now(), isStolen, kms, env: process.env });
    const newest = items.at(-1);
    this.log(`key ${newest?.kid} is published and signs from ${newest?.activeAt}`);
    return { items };
  }
}
