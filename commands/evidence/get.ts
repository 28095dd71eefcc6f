import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class EvidenceGet extends RocCommand<typeof EvidenceGet> {
  static override summary = 'fetch one piece of evidence as it was published';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01JA9V3R8WZQK4T6E5M2N7X0CB -o restore-2026-03.json',
  ];
  static override args = { id: Args.string({ description: 'its id', required: true }) };
  static override flags = {
    output: Flags.string({
      char: 'o',
      summary: 'file to write; standard output by default',
      helpValue: 'FILE',
    }),
    'public-key': Flags.string({
      summary: 'exit with 3 unless this key (PEM) signed it',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<unknown> {
    const { fetchEvidence, requireSigner, saveNew } = await import('../../src/cli/evidence.js');
    const envelope = await fetchEvidence(await this.api(), this.args.id);
    const { output, 'public-key': publicKey } = this.flags;
    if (publicKey !== undefined) await requireSigner(envelope, publicKey);
    if (output === undefined) this.log(JSON.stringify(envelope, null, 2));
    else {
      await saveNew(output, `${JSON.stringify(envelope, null, 2)}\n`);
      this.log(`wrote ${output}`);
    }
    return envelope;
  }
}
