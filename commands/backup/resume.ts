import { Args } from '@oclif/core';
import { backupFlags } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class BackupResume extends RocCommand<typeof BackupResume> {
  static override summary = 'go on with a verification that was killed, detached, or stood still';
  static override examples = ['<%= config.bin %> <%= command.id %> 20261122-001500-k3x9qz'];
  static override args = { run: Args.string({ name: 'RUN', description: 'id of the run', required: true }) };
  static override flags = { ...backupFlags };

  async run(): Promise<unknown> {
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openPackageReader } = await import('../../src/orchestrator/packages/package-reader.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { resumeWithParts } = await import('../../src/backup/parts.js');
    const { exitCodeOf, resultOf } = await import('../../src/backup/result.js');
    const { checkColumns, resultFields } = await import('../../src/backup/text.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
      openPackages: openPackageReader,
    });
    const { signal, dispose } = interruptible();
    const progress = startProgress('reading the journal', { quiet: this.jsonEnabled() });
    const onProgress = (text: string) => progress.update(text);
    const state = await resumeWithParts(room, this.args.run, { signal, onProgress }).finally(() =>
      progress.done(),
    );
    dispose();
    const result = resultOf(state);
    await this.table(result.checks, checkColumns, 'no check ran');
    this.log();
    this.fields(resultFields(result));
    for (const reason of result.reasons) this.warn(reason);
    this.endWith(exitCodeOf(state));
    return result;
  }
}
