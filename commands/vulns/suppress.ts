import { userInfo } from 'node:os';
import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { nowFrom, sourceFlags, VEX_JUSTIFICATIONS } from '../../src/cli/vulns-flags.js';

export default class VulnsSuppress extends RocCommand<typeof VulnsSuppress> {
  static override summary = 'set findings aside for a while, with a reason, an author and an end';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3c40b18c5d12086998528 --reason "never reachable from outside" --days 90',
    '<%= config.bin %> <%= command.id %> --cve CVE-2024-1234 --repo "batch/*" --status not_affected --justification vulnerable_code_not_in_execute_path --reason "no TLS there"',
  ];
  static override args = { key: Args.string({ description: 'key of the finding' }) };
  static override flags = {
    cve: Flags.string({ summary: 'CVE or advisory, globs allowed', helpValue: 'GLOB' }),
    package: Flags.string({ summary: 'package name', helpValue: 'GLOB' }),
    repo: Flags.string({ summary: 'image repository', helpValue: 'GLOB' }),
    resource: Flags.string({ summary: 'resource id', helpValue: 'GLOB' }),
    control: Flags.string({ summary: 'control id', helpValue: 'GLOB' }),
    status: Flags.string({
      summary: 'what is said',
      options: ['accepted', 'not_affected', 'false_positive', 'fixed'],
      default: 'accepted',
    }),
    justification: Flags.string({ summary: 'why it is not affected', options: [...VEX_JUSTIFICATIONS] }),
    reason: Flags.string({ summary: 'why', required: true, helpValue: 'TEXT' }),
    by: Flags.string({ summary: 'who says so; your user name by default', helpValue: 'NAME' }),
    days: Flags.integer({ summary: 'for how long', default: 90, min: 1, helpValue: 'N' }),
    'allow-kev': Flags.boolean({ summary: 'also hide it when it is known exploited and exposed' }),
    file: Flags.string({
      summary: 'file to add it to',
      default: '.roc/vulns-suppressions.yaml',
      helpValue: 'FILE',
    }),
    policy: sourceFlags.policy,
    now: sourceFlags.now,
  };

  async run(): Promise<unknown> {
    const { suppress } = await import('../../src/vulns/suppress.js');
    const { cve, package: pkg, repo, resource, control, ...flags } = this.flags;
    const suppression = await suppress({
      ...flags,
      match: { key: this.args.key, cve, package: pkg, repo, resource, control },
      by: flags.by ?? userInfo().username,
      allowKev: flags['allow-kev'],
      packageRoot: this.config.root,
      now: nowFrom(flags.now),
    });
    this.log(`${suppression.id} until ${suppression.expires} in ${flags.file}`);
    this.log(`use it with: roc vulns report … --suppressions ${flags.file}`);
    return suppression;
  }
}
