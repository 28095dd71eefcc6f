import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionStatus extends RocCommand<typeof ProvisionStatus> {
  static override summary = 'say where the stack stands, what went wrong last, and what to do next';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];
  static override flags = provisionFlags;

  async run(): Promise<unknown> {
    const { setUpStack } = await import('../../src/stack/setup.js');
    const { stackStatus } = await import('../../src/stack/status.js');
    const { engine, stackName } = setUpStack({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root },
    });
    const status = await stackStatus(engine, stackName);
    const { cause, resources } = status;
    this.fields([
      ['stack', `${stackName} ${status.says}`],
      ['status', status.status],
      ['created', status.createdAt],
      ['updated', status.updatedAt],
      ['protected', status.exists ? (status.terminationProtection ? 'from deletion' : 'no') : null],
      ['resources', status.exists ? resources.total : null],
      ['failed', resources.failed.length === 0 ? undefined : resources.failed.join(', ')],
      ['first cause', cause === null ? undefined : `${cause.logicalId} (${cause.type}): ${cause.reason}`],
      ['advice', cause?.advice],
      ['next', status.next],
    ]);
    return status;
  }
}
