import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RunnerRegister extends RocCommand<typeof RunnerRegister> {
  static override summary = 'register this host as a runner with a one-time token';
  static override description =
    'Makes two key pairs that never leave this host. Get a token with roc runners token; prefer --token-file or ROC_RUNNER_TOKEN to --token, which other users of this host can see while it runs.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com --token-file token.txt --name host-1',
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com --token T --name host-2 --pool gpu --label zone=a',
  ];
  static override flags = {
    url: Flags.string({ summary: 'server to work for', helpValue: 'URL' }),
    token: Flags.string({ summary: 'one-time token', helpValue: 'T', exclusive: ['token-file'] }),
    'token-file': Flags.string({ summary: 'file that holds the token', helpValue: 'FILE' }),
    name: Flags.string({ summary: 'what the runner is called there', helpValue: 'N' }),
    pool: Flags.string({ summary: 'pool that the token is expected to be for', helpValue: 'P' }),
    label: Flags.string({ summary: 'what people shall know of this host', helpValue: 'K=V', multiple: true }),
    slots: Flags.integer({ summary: 'robots that may run at a time', helpValue: 'N' }),
    'state-dir': Flags.string({ summary: 'folder of its keys and work', helpValue: 'DIR' }),
  };

  async run(): Promise<unknown> {
    const { registerHost } = await import('../../src/runner/register.js');
    const { registrationToken, runnerSettings } = await import('../../src/runner/settings.js');
    const { url, token, name, pool, label, slots, ...flags } = this.flags;
    const overrides = { url, name, pool, labels: label, slots, stateDir: flags['state-dir'] };
    const settings = runnerSettings(await this.rocConfig(), overrides, process.env);
    const registered = await registerHost({
      ...settings,
      token: registrationToken({ token, tokenFile: flags['token-file'] }, process.env),
      version: this.config.version,
    });
    this.log(`registered as ${registered.name} in pool ${registered.pool} at ${registered.url}`);
    const folder = flags['state-dir'] === undefined ? '' : ` --state-dir ${flags['state-dir']}`;
    this.log(`start it with: roc runner start${folder}`);
    return registered;
  }
}
