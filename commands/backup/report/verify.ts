import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../../src/cli/command.js';

export default class BackupReportVerify extends RocCommand<typeof BackupReportVerify> {
  static override summary = 'verify a piece of evidence offline: form, signature, key and chain';
  static override description =
    'Without --key a file is only held against itself, which anybody could arrange: then the verdict is inconclusive. Ends with 3 unless everything passes.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> evidence-000012.json --key evidence.pem.pub',
  ];
  static override args = {
    file: Args.string({ name: 'FILE', description: 'evidence-NNNNNN.json', required: true }),
  };
  static override flags = {
    key: Flags.string({
      summary: 'public key of the signer, PEM or DER, got from elsewhere',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<unknown> {
    const { readPublicKey, verifyEvidence } = await import('../../../src/backup/evidence/verify.js');
    const { key } = this.flags;
    const verdict = await verifyEvidence(this.args.file, key === undefined ? null : await readPublicKey(key));
    this.log(`${verdict.verdict}: ${verdict.file}, run ${verdict.run}, SHA-256 ${verdict.sha256}`);
    await this.table(
      verdict.findings,
      [
        { title: 'check', value: (row) => row.id },
        { title: 'verdict', value: (row) => row.verdict },
        { title: 'why', value: (row) => row.why },
      ],
      'nothing to verify',
    );
    if (verdict.verdict !== 'pass') this.endWith(3);
    return verdict;
  }
}
