import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class AuditVerify extends RocCommand<typeof AuditVerify> {
  static override summary = 'prove that no audit event was changed, removed, reordered or cut off';
  static override description =
    'Without FILE the chain is read from the server and verified here. A checkpoint that you keep elsewhere shows what was removed together with the newest checkpoints of the server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --checkpoint kept/checkpoint.json',
    '<%= config.bin %> <%= command.id %> audit-2026-03.jsonl --public-key audit.pem --json',
  ];
  static override args = { file: Args.string({ description: 'an export', required: false }) };
  static override flags = {
    'public-key': Flags.string({
      summary: 'public key of the server (PEM); by default the one that the export brings',
      helpValue: 'FILE',
      multiple: true,
    }),
    checkpoint: Flags.string({
      summary: 'a checkpoint that you took away earlier',
      helpValue: 'FILE',
      multiple: true,
    }),
  };

  async run(): Promise<unknown> {
    const { verifyAudit } = await import('../../src/cli/audit-export.js');
    const { badText, stateText } = await import('../../src/cli/audit-text.js');
    const { file } = this.args;
    const { 'public-key': keyFiles = [], checkpoint: checkpointFiles = [] } = this.flags;
    const source = file ?? (await this.api());
    const chain = await verifyAudit(source, { keyFiles, checkpointFiles });
    const state = typeof source === 'string' ? null : await source.call('audit.state');
    const isUntold = (state?.problems.length ?? 0) > 0;
    const result = { ...chain, verdict: isUntold ? ('fail' as const) : chain.verdict, state };
    this.fields([
      ['verdict', result.verdict],
      ['tenant', result.tenant],
      ['events', `${result.events} (${result.firstSeq ?? 0} to ${result.lastSeq ?? 0})`],
      ['checkpoints', `${result.checkpoints}, newest ${result.lastCheckpointAt ?? 'none'}`],
      ['exported', result.exportedAt],
      ['now', state === null ? undefined : stateText(state)],
      ['first bad', result.firstBad === null ? undefined : badText(result.firstBad)],
    ]);
    for (const { message } of state?.problems ?? []) this.log(`  ${message}`);
    for (const note of [...result.notes, ...(state?.notes ?? [])]) this.warn(note);
    if (keyFiles.length === 0)
      this.warn('verified with the key that the export brought: pass --public-key to prove it');
    if (result.verdict === 'fail') this.endWith(3);
    return result;
  }
}
