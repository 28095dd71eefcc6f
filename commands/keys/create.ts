import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { PERMISSIONS } from '../../src/protocol/permissions.js';

export default class KeysCreate extends RocCommand<typeof KeysCreate> {
  static override summary = 'make an API key for a program of a consumer';
  static override description =
    'The key is printed once, alone on standard output. Scopes are permissions; you can give no more than you hold.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --consumer billing --scope jobs:start --scope jobs:read --rps 50 --daily 100000',
  ];
  static override flags = {
    consumer: Flags.string({ summary: 'who will use it', helpValue: 'NAME', required: true }),
    scope: Flags.option({
      options: PERMISSIONS,
      summary: 'a permission that you hold',
      helpValue: 'PERMISSION',
      required: true,
      multiple: true,
    })(),
    rps: Flags.integer({ summary: 'requests a second, over all nodes', helpValue: 'N', default: 10, min: 1 }),
    daily: Flags.integer({ summary: 'requests a UTC day; no limit by default', helpValue: 'N', min: 1 }),
    days: Flags.integer({
      summary: 'days until it expires',
      helpValue: 'N',
      default: 365,
      min: 1,
      max: 3650,
    }),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const { consumer, scope, rps, daily = null, days: lifeDays } = this.flags;
    const scopes = [...scope];
    const made = await api.call('keys.create', { body: { consumer, scopes, rps, daily, lifeDays } });
    this.log(made.key);
    this.logToStderr(
      `key ${made.prefix} for ${made.consumer}, good until ${made.expiresAt}; it is not shown again`,
    );
    return made;
  }
}
