import { Flags } from '@oclif/core';
import { assetArg, backupFlags, pointFlag } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class BackupVerify extends RocCommand<typeof BackupVerify> {
  static override summary =
    'restore a backup beside production, check its data, remove the copy, sign the evidence';
  static override description =
    'Ctrl-C stops it and takes the copy away. What a killed run leaves is finished by `roc backup resume` or taken by `roc backup sweep`.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> roc-database',
    '<%= config.bin %> <%= command.id %> roc-database --point random --keep-on-failure 2h',
    '<%= config.bin %> <%= command.id %> roc-database --point pitr:2026-11-22T00:15:00Z --detach',
  ];
  static override args = { asset: assetArg };
  static override flags = {
    ...backupFlags,
    point: pointFlag,
    'keep-on-failure': Flags.string({
      summary: 'keep a copy that failed for so long',
      helpValue: 'DURATION',
    }),
    publish: Flags.boolean({ summary: 'send the evidence to the server, too' }),
    detach: Flags.boolean({ summary: 'leave once AWS restores; `roc backup resume` goes on' }),
  };

  async run(): Promise<unknown> {
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openPackageReader } = await import('../../src/orchestrator/packages/package-reader.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { evidenceEnvelope, verifyAsset } = await import('../../src/backup/verify-asset.js');
    const { checkColumns } = await import('../../src/backup/text.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
      openPackages: openPackageReader,
    });
    const { signal, dispose } = interruptible();
    const progress = startProgress('preparing', { quiet: this.jsonEnabled() });
    const { result, fields, reasons, exitCode } = await verifyAsset(room, {
      ...{ asset: this.args.asset, ...this.flags, keepOnFailure: this.flags['keep-on-failure'] },
      ...{ signal, onProgress: (text: string) => progress.update(text) },
    }).finally(() => progress.done());
    dispose();
    await this.table(result.checks, checkColumns, 'no check ran');
    this.log();
    this.fields(fields);
    for (const reason of reasons) this.warn(reason);
    this.endWith(exitCode);
    if (!this.flags.publish || result.evidence === null) return result;
    const { tryToPublish } = await import('../../src/cli/publish-evidence.js');
    const sent = await tryToPublish(() => this.api(), evidenceEnvelope(result.evidence));
    if (sent.published === null) this.warn(sent.says);
    this.endWith(exitCode || sent.exitCode);
    return { ...result, published: sent.published };
  }
}
