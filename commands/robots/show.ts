import { Args } from '@oclif/core';
import { formatBytes } from '../../src/cli/bytes.js';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { formatDuration } from '../../src/kernel/time.js';

export default class RobotsShow extends RocCommand<typeof RobotsShow> {
  static override summary = 'show a version of a robot';
  static override examples = ['<%= config.bin %> <%= command.id %> invoice-totals@1.0.0'];
  static override args = { version: Args.string({ description: '[PROJECT/]ROBOT@VERSION', required: true }) };
  static override flags = projectFlag;

  async run(): Promise<unknown> {
    const { namedVersion } = await import('../../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name, version } = namedVersion(this.args.version, this.flags.project, api.project);
    const shown = await api.call('versions.show', { params: { robot: name, version }, query: { project } });
    this.fields([
      ['robot', `${shown.project}/${shown.robot}`],
      ['version', shown.version],
      ['state', shown.state],
      ['description', shown.description ?? undefined],
      ['entrypoint', shown.entrypoint.join(' ')],
      ['platforms', shown.platforms.join(', ')],
      ['timeout', formatDuration(shown.timeoutMs)],
      ['when lost', shown.idempotent ? 'retried (idempotent)' : 'held (not said to be idempotent)'],
      ['inputs', shown.inputs === null ? 'any' : JSON.stringify(shown.inputs)],
      ['assets', shown.assets.length === 0 ? undefined : shown.assets.join(', ')],
      ['signed by', shown.signedBy ?? undefined],
      ['size', formatBytes(shown.sizeBytes)],
      ['digest', shown.digest],
      ['sha256', shown.sha256],
      ['published', `${shown.createdAt} by ${shown.createdBy}`],
    ]);
    return shown;
  }
}
