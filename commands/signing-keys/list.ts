import { RocCommand } from '../../src/cli/command.js';
import { signingKeyFlags } from '../../src/cli/server-flags.js';

export default class SigningKeysList extends RocCommand<typeof SigningKeysList> {
  static override summary = 'list the keys that sign tokens, on the host of a server';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = signingKeyFlags;

  async run(): Promise<unknown> {
    const { readSection } = await import('../../src/kernel/config.js');
    const { placesOf, serverConfigSchema, serverFlags } = await import('../../src/orchestrator/config.js');
    const { listSigningKeys } = await import('../../src/orchestrator/auth/signing-keys.js');
    const config = readSection(await this.rocConfig(), 'server', serverConfigSchema, serverFlags(this.flags));
    const where = placesOf(config).signingKeys;
    const items = await listSigningKeys(where, { now: Date.now(), env: process.env });
    await this.table(
      items,
      [
        { title: 'key', value: (row) => row.kid },
        { title: 'state', value: (row) => row.state },
        { title: 'kept by', value: (row) => row.kms ?? 'the ring', shrink: true },
        {
          title: 'signs from',
          value: (row) => (Date.parse(row.activeAt) === 0 ? 'the beginning' : row.activeAt),
        },
        { title: 'counts until', value: (row) => row.countsUntil },
      ],
      'no keys',
    );
    return { items };
  }
}
