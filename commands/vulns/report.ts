import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class VulnsReport extends RocCommand<typeof VulnsReport> {
  static override summary = 'say what to fix first, by when and why, from scanner and AWS findings';
  static override examples = [
    '<%= config.bin %> <%= command.id %> findings.json',
    '<%= config.bin %> <%= command.id %> exports/ --fail-on kev --output report.html=html',
  ];
  static override strict = false;
  static override args = { input: Args.string({ description: 'files or folders; - is standard input' }) };
  static override flags = {
    policy: Flags.string({ summary: 'policy file', helpValue: 'FILE' }),
    assets: Flags.string({ summary: 'assets file', helpValue: 'FILE' }),
    'fail-on': Flags.string({
      summary: 'exit 3 when a finding meets this',
      helpValue: 'CONDITION',
      multiple: true,
    }),
    output: Flags.string({ summary: 'also write FILE in FORMAT', helpValue: 'FILE=FORMAT', multiple: true }),
    now: Flags.string({ summary: 'take this instant as now', helpValue: 'ISO' }),
  };

  async run(): Promise<unknown> {
    const { makeReport } = await import('../../src/vulns/report.js');
    const { parseFailOn } = await import('../../src/vulns/fail-on.js');
    const { parseOutput } = await import('../../src/vulns/outputs/formats.js');
    const { head, top } = await makeReport({
      inputs: this.argv.filter((word) => !word.startsWith('-')),
      packageRoot: this.config.root,
      policy: this.flags.policy,
      assets: this.flags.assets,
      gates: (this.flags['fail-on'] ?? []).map(parseFailOn),
      outputs: (this.flags.output ?? []).map(parseOutput),
      now: this.flags.now === undefined ? Date.now() : Date.parse(this.flags.now),
    });
    this.table(
      top,
      [
        { title: 'key', value: (f) => f.key },
        { title: 'sev', value: (f) => f.severity },
        { title: 'what', value: (f) => f.title },
      ],
      'no findings',
    );
    return { ...head, findings: top };
  }
}
