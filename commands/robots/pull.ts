import { Args, Flags } from '@oclif/core';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { interruptible } from '../../src/cli/interrupt.js';
import { startProgress } from '../../src/cli/progress.js';

export default class RobotsPull extends RocCommand<typeof RobotsPull> {
  static override summary = 'download a package, byte for byte as it was published';
  static override examples = ['<%= config.bin %> <%= command.id %> invoice-totals@1.0.0 -o packages'];
  static override args = { version: Args.string({ description: '[PROJECT/]ROBOT@VERSION', required: true }) };
  static override flags = {
    output: Flags.string({ char: 'o', summary: 'folder for the zip', helpValue: 'DIR', default: '.' }),
    force: Flags.boolean({ summary: 'replace a file that is there' }),
    ...projectFlag,
  };

  async run(): Promise<unknown> {
    const { pullRobot } = await import('../../src/cli/pull-robot.js');
    const { namedVersion } = await import('../../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name, version } = namedVersion(this.args.version, this.flags.project, api.project);
    const { signal, dispose } = interruptible();
    const progress = startProgress(`${name}@${version}`, { quiet: this.jsonEnabled() });
    const { output: dir, force } = this.flags;
    const params = { robot: name, version };
    try {
      const pulled = await pullRobot(api, { params, project, dir, force, signal, progress });
      const { sha256, digest, sizeBytes } = pulled.version;
      progress.done();
      this.log(pulled.file);
      return { file: pulled.file, project, robot: name, version, sha256, digest, sizeBytes };
    } finally {
      progress.done();
      dispose();
    }
  }
}
