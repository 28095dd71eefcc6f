import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RunnerStart extends RocCommand<typeof RunnerStart> {
  static override summary = 'take jobs from the server and run their robots here';
  static override description =
    'Registers first where that has not been done. The first Ctrl-C takes no new jobs and lets robots end, the second ends them. With --json, one event a line.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --once',
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com --token-file token.txt --name host-1 --slots 4',
  ];
  static override flags = {
    once: Flags.boolean({ summary: 'take one job, then end: with 0 if it succeeded, else with 3' }),
    url: Flags.string({ summary: 'server to work for', helpValue: 'URL' }),
    token: Flags.string({ summary: 'one-time token', helpValue: 'T', exclusive: ['token-file'] }),
    'token-file': Flags.string({ summary: 'file that holds the token', helpValue: 'FILE' }),
    name: Flags.string({ summary: 'what the runner is called there', helpValue: 'N' }),
    pool: Flags.string({ summary: 'pool that the token is expected to be for', helpValue: 'P' }),
    label: Flags.string({ summary: 'what people shall know of this host', helpValue: 'K=V', multiple: true }),
    slots: Flags.integer({ summary: 'robots that may run at a time', helpValue: 'N' }),
    'state-dir': Flags.string({ summary: 'folder of its keys and work', helpValue: 'DIR' }),
    'drain-timeout': Flags.string({ summary: 'how long robots may go on after Ctrl-C', helpValue: '30s' }),
  };

  async run(): Promise<unknown> {
    const { startRunner } = await import('../../src/runner/start.js');
    const { registrationToken, runnerSettings } = await import('../../src/runner/settings.js');
    const { eventText } = await import('../../src/runner/events.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { closeInheritedDescriptors } = await import('../../src/runner/inherited-descriptors.js');
    closeInheritedDescriptors();
    const { once, url, token, name, pool, label, slots, ...flags } = this.flags;
    const [stateDir, drainTimeout] = [flags['state-dir'], flags['drain-timeout']];
    const overrides = { url, name, pool, labels: label, slots, stateDir, drainTimeout };
    const interrupt = interruptible();
    const end = await startRunner({
      ...runnerSettings(await this.rocConfig(), overrides, process.env),
      token: registrationToken({ token, tokenFile: flags['token-file'] }, process.env),
      version: this.config.version,
      once,
      env: process.env,
      signal: interrupt.signal,
      emit: (event) => (this.jsonEnabled() ? this.logJsonLine(event) : this.log(eventText(event))),
    }).finally(interrupt.dispose);
    if (once && end.jobs > 0 && end.lastOutcome !== 'succeeded') this.endWith(3);
    return undefined;
  }
}
