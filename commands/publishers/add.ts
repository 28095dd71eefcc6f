import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class PublishersAdd extends RocCommand<typeof PublishersAdd> {
  static override summary = 'trust the key of a publisher of robots, or of evidence';
  static override examples = [
    '<%= config.bin %> <%= command.id %> publisher.pem.pub --name build-server',
    '<%= config.bin %> <%= command.id %> evidence.pem.pub --name ops-host --for evidence',
  ];
  static override args = { file: Args.string({ description: 'its public key (PEM)', required: true }) };
  static override flags = {
    name: Flags.string({ summary: 'what the publisher is called', helpValue: 'NAME', required: true }),
    for: Flags.option({
      options: ['robots', 'evidence'] as const,
      summary: 'what its signatures are taken for',
      default: 'robots' as const,
    })(),
  };

  async run(): Promise<unknown> {
    const { readKey } = await import('../../src/cli/publisher-keys.js');
    const { readPublisherKey } = await import('../../src/protocol/package/signature.js');
    const publicKey = await readKey(this.args.file);
    // A private key must not even leave this machine.
    readPublisherKey(publicKey);
    const api = await this.api();
    const { name, for: purpose } = this.flags;
    const made = await api.call('publishers.create', { body: { name, publicKey, purpose } });
    this.log(`publisher ${made.name} has key ${made.keyId}, trusted for ${made.purpose}`);
    return made;
  }
}
