import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionVerify extends RocCommand<typeof ProvisionVerify> {
  static override summary = 'read every claim of the deployed stack back from the live account';
  static override description =
    'Changes nothing. Ends with 3 when a claim does not hold or could not be read. `unknown` is that, or a type that roc has no live check for.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --all --json',
  ];
  static override flags = { ...provisionFlags, all: Flags.boolean({ summary: 'list what holds, too' }) };

  async run(): Promise<unknown> {
    const { setUpStack } = await import('../../src/stack/setup.js');
    const { isUnread, NO_LIVE_CHECK, verifyStack } = await import('../../src/stack/verify.js');
    const { startProgress } = await import('../../src/cli/progress.js');
    const { engine, stackName } = setUpStack({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root },
    });
    const progress = startProgress('reading the live account', {
      quiet: this.jsonEnabled() || !process.stderr.isTTY,
    });
    const { resources, summary } = await verifyStack(engine, stackName).finally(() => progress.done());
    for (const { logicalId, type, verdict, differences, note } of resources) {
      if (!this.flags.all && (verdict === 'pass' || note === NO_LIVE_CHECK)) continue;
      this.log(`${verdict.padEnd(8)}${logicalId}  ${type}${note === null ? '' : `: ${note}`}`);
      for (const { claim, expected, actual } of differences)
        this.log(`          ${claim}: expected ${expected}, is ${actual}`);
    }
    this.log(`${summary.pass} hold, ${summary.fail} do not, ${summary.unknown} unknown`);
    if (summary.fail > 0 || resources.some(isUnread)) this.endWith(3);
    return { stackName, resources, summary };
  }
}
