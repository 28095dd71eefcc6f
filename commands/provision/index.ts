import { RocCommand } from '../../src/cli/command.js';
import {
  acceptFlag,
  allowReplaceFlag,
  onFailureFlag,
  provisionFlags,
  yesFlag,
} from '../../src/cli/provision-flags.js';

export default class Provision extends RocCommand<typeof Provision> {
  static override summary = 'plan the AWS stack, show it, ask, apply';
  static override description =
    'Joins a deployment that runs, and offers the way out of one that failed. Ctrl-C leaves; the deployment goes on in AWS.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes --json',
  ];
  static override flags = {
    ...{ ...provisionFlags, ...yesFlag, ...allowReplaceFlag },
    ...{ ...acceptFlag, ...onFailureFlag },
  };
  static override jsonLines = true;

  async run(): Promise<unknown> {
    const { runDeployment } = await import('../../src/stack/run-deployment.js');
    const { terminalFor } = await import('../../src/cli/provision-terminal.js');
    const { dutyFileCheck } = await import('../../src/cli/duty-files.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const result = await runDeployment({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      checkFiles: dutyFileCheck(() => import('../../src/registry.js')),
      ...{ allowReplace: this.flags['allow-replace'], accept: this.flags.accept },
      onFailure: this.flags['on-failure'],
      terminal: terminalFor({
        yes: this.flags.yes,
        log: (line) => this.log(line),
        printJson: this.jsonEnabled() ? (event) => this.logJsonLine(event) : null,
      }),
    });
    dispose();
    for (const warning of result.warnings) this.warn(warning);
    return { event: 'done', ...result };
  }
}
