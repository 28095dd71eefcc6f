import { RocCommand } from '../../src/cli/command.js';

export default class AuditKey extends RocCommand<typeof AuditKey> {
  static override summary = 'print the public key that audit checkpoints and exports are verified with';
  static override examples = ['<%= config.bin %> <%= command.id %> > audit.pem'];

  async run(): Promise<unknown> {
    const api = await this.api();
    const { items } = await api.call('audit.keys');
    for (const { publicKey } of items) this.log(publicKey.trimEnd());
    return { items };
  }
}
