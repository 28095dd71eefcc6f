import { Args, Flags } from '@oclif/core';
import { formatBytes } from '../../src/cli/bytes.js';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { interruptible } from '../../src/cli/interrupt.js';
import { startProgress } from '../../src/cli/progress.js';

export default class RobotsPublish extends RocCommand<typeof RobotsPublish> {
  static override summary = 'publish a version of a robot from a folder or zip';
  static override description =
    'Name and version stand in its robot.yaml. Publishing the same content again changes nothing; other content under a published version is refused.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> examples/invoice-totals',
    '<%= config.bin %> <%= command.id %> totals.zip --project finance',
  ];
  static override args = {
    path: Args.string({ description: 'folder or zip with a robot.yaml', required: true }),
  };
  static override flags = {
    ...projectFlag,
    sign: Flags.string({ summary: 'sign with this private key (PEM)', helpValue: 'KEY' }),
  };

  async run(): Promise<unknown> {
    const { publishRobot } = await import('../../src/cli/publish-robot.js');
    const { readKey } = await import('../../src/cli/publisher-keys.js');
    const api = await this.api();
    const { path } = this.args;
    const { project = api.project, sign } = this.flags;
    const signingKey = sign === undefined ? undefined : await readKey(sign);
    const { signal, dispose } = interruptible();
    const progress = startProgress(`packing ${path}`, { quiet: this.jsonEnabled() });
    try {
      const published = await publishRobot(api, { path, project, signal, progress, signingKey });
      const { robot, version, created, sizeBytes, digest } = published;
      const how = created ? `published ${formatBytes(sizeBytes)}` : 'already published, unchanged';
      progress.done();
      this.log(`${project}/${robot}@${version}: ${how}`);
      this.log(digest);
      return published;
    } finally {
      progress.done();
      dispose();
    }
  }
}
