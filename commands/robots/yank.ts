import { Args } from '@oclif/core';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class RobotsYank extends RocCommand<typeof RobotsYank> {
  static override summary = 'withdraw a version from new deployments';
  static override description =
    'What already runs it goes on; the version stays listed and can still be pulled.';
  static override examples = ['<%= config.bin %> <%= command.id %> invoice-totals@1.0.0'];
  static override args = { version: Args.string({ description: '[PROJECT/]ROBOT@VERSION', required: true }) };
  static override flags = projectFlag;

  async run(): Promise<unknown> {
    const { activePlaces } = await import('../../src/cli/active-places.js');
    const { namedVersion } = await import('../../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name, version } = namedVersion(this.args.version, this.flags.project, api.project);
    const yanked = await api.call('versions.yank', { params: { robot: name, version }, query: { project } });
    this.log(`yanked ${yanked.project}/${yanked.robot}@${yanked.version}`);
    const places = await activePlaces(api, yanked);
    if (places.length > 0)
      this.warn(
        `it is still what runs in ${places.join(', ')}: deploy another version there, or \`roc rollback ${yanked.robot} --in ${places[0]}\``,
      );
    return yanked;
  }
}
