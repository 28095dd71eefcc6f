import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionCheck extends RocCommand<typeof ProvisionCheck> {
  static override summary = 'judge the stack before anything is deployed';
  static override description =
    "Asks AWS nothing. cdk-nag (AwsSolutions, NIST 800-53) and roc's own rules read the template; exceptions have a reason and an end. Ends with 3 while a finding is open.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> --region eu-west-1',
    '<%= config.bin %> <%= command.id %> --policy my-stack-policy.yaml --json',
  ];
  static override flags = {
    ...provisionFlags,
    policy: Flags.string({ summary: 'policy in place of the shipped one', helpValue: 'FILE' }),
    waived: Flags.boolean({ summary: 'show what exceptions cover, too' }),
  };

  async run(): Promise<unknown> {
    const { checkStack } = await import('../../src/stack/check/check-stack.js');
    const { loadStackPolicy } = await import('../../src/stack/load-policy.js');
    const { localStack } = await import('../../src/stack/local-stack.js');
    const { root, version } = this.config;
    const policy = await loadStackPolicy(root, this.flags.policy);
    const { request } = localStack({
      ...{ config: await this.rocConfig(), env: process.env, region: this.flags.region },
      ...{ version, packageRoot: root },
    });
    const report = await checkStack(request, { policy, now: Date.now() });
    const shown = report.findings.filter((finding) => this.flags.waived || !finding.waived);
    await this.table(
      shown,
      [
        { title: 'severity', value: (row) => row.severity },
        { title: 'rule', value: (row) => row.id },
        { title: 'resource', value: (row) => row.resource },
        { title: 'why', value: (row) => row.why },
        { title: 'fix', value: (row) => row.waiver?.reason ?? row.fix },
        { title: 'waived until', value: (row) => row.waiver?.expires ?? null },
      ],
      'nothing is open',
    );
    this.log(`${report.open} open, ${report.waived} waived`);
    if (report.open > 0) this.endWith(3);
    return { verdict: report.open === 0 ? 'pass' : 'fail', ...report, items: report.findings };
  }
}
