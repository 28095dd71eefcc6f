import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RobotsKeygen extends RocCommand<typeof RobotsKeygen> {
  static override summary = 'make a key pair to sign robots with';
  static override description =
    'Writes FILE (private, for `roc robots publish --sign`) and FILE.pub (for `roc publishers add` and runner.publisherKeys).';
  static override examples = ['<%= config.bin %> <%= command.id %> -o ~/.config/roc/publisher.pem'];
  static override flags = {
    output: Flags.string({
      char: 'o',
      summary: 'file of the private key',
      helpValue: 'FILE',
      default: 'publisher.pem',
    }),
  };

  async run(): Promise<unknown> {
    const { makeKeyPair } = await import('../../src/cli/publisher-keys.js');
    const made = await makeKeyPair(this.flags.output);
    this.log(`key ${made.keyId}: ${made.privateKeyFile} (keep it secret), ${made.publicKeyFile}`);
    return made;
  }
}
