import { Flags } from '@oclif/core';
import { sessionFlags, targetArg } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionDoctor extends RocCommand<typeof BastionDoctor> {
  static override summary = 'say why sessions to an instance do or do not work, and what to do';
  static override description = 'Changes nothing. Ends with 3 when a check fails.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> i-0123456789abcdef0',
    '<%= config.bin %> <%= command.id %> bastion --database orders',
  ];
  static override args = { target: targetArg };
  static override flags = {
    ...sessionFlags,
    database: Flags.string({
      summary: "RDS instance or cluster to check too; the stack's by default",
      helpValue: 'ID',
    }),
  };

  async run(): Promise<unknown> {
    const { examine } = await import('../../src/bastion/doctor/doctor.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const { startProgress } = await import('../../src/cli/progress.js');
    const log = this.roomLog();
    const { config, flags } = { config: await this.rocConfig(), flags: this.flags };
    const room = setUp({ config, cwd: process.cwd(), env: process.env, flags, choose, log });
    const target = await room.target(this.args.target);
    const progress = startProgress(`looking at ${target}`, {
      quiet: this.jsonEnabled() || !process.stderr.isTTY,
    });
    const database = flags.database ?? room.outputs?.dbInstanceId ?? undefined;
    const checks = await examine({
      access: room.access,
      target,
      database,
      env: process.env,
      now: Date.now,
    }).finally(() => progress.done());
    await this.table(
      checks.filter(({ verdict }) => verdict !== 'notApplicable'),
      [
        { title: 'check', value: (row) => row.id },
        { title: 'verdict', value: (row) => row.verdict },
        { title: 'evidence', value: (row) => row.evidence },
      ],
      'nothing to check',
    );
    if (!this.jsonEnabled())
      for (const { id, fix } of checks.filter((row) => row.fix)) this.log(`  ${id}: ${fix}`);
    if (checks.some(({ verdict }) => verdict === 'fail')) this.endWith(3);
    return { target, checks };
  }
}
