import { RocCommand } from '../src/cli/command.js';

export default class Whoami extends RocCommand<typeof Whoami> {
  static override summary = 'show which server and user this shell speaks for';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    const api = await this.api();
    const me = await api.call('me.show');
    this.fields([
      ['server', api.url],
      [me.kind, me.email ?? me.id],
      ['tenant', me.tenant],
      ['roles', me.roles.join(', ')],
      // What a key may is in no role.
      ['may', me.kind === 'key' ? me.permissions.join(', ') : undefined],
      ['by', api.credentials],
    ]);
    return { url: api.url, credentials: api.credentials, ...me };
  }
}
