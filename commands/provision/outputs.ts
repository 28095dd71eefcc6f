import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionOutputs extends RocCommand<typeof ProvisionOutputs> {
  static override summary = "print the stack's outputs and leave them for the other commands";
  static override description =
    'Writes .roc/stack-outputs.json beside roc.yaml, which bastion, backup, scale and posture read.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];
  static override flags = provisionFlags;

  async run(): Promise<unknown> {
    const { setUpStack } = await import('../../src/stack/setup.js');
    const { requirePlace } = await import('../../src/stack/preflight.js');
    const { readOutputs } = await import('../../src/stack/outputs.js');
    const room = setUpStack({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root },
    });
    await requirePlace(room.engine, room);
    const outputs = await readOutputs(room.engine, room.stackName);
    room.saveOutputs(outputs);
    this.fields(
      Object.entries(outputs).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : value]),
    );
    return outputs;
  }
}
