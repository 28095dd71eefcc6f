import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { onFailureFlag, provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionPlan extends RocCommand<typeof ProvisionPlan> {
  static override summary = 'show what would change: properties, risk, cost and posture';
  static override description =
    'Changes nothing. With --out the plan is kept for a day, and `roc provision apply FILE` carries out exactly it; without, what AWS made for it is removed again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --out plan.json',
    '<%= config.bin %> <%= command.id %> --detailed-exitcode --json',
  ];
  static override flags = {
    ...{ ...provisionFlags, ...onFailureFlag },
    out: Flags.string({ summary: 'keep the plan in this file', helpValue: 'FILE' }),
    'detailed-exitcode': Flags.boolean({ summary: 'end with 3 when something would change' }),
    yes: Flags.boolean({ char: 'y', summary: 'make the bucket for large templates without asking' }),
  };

  async run(): Promise<unknown> {
    const { dutyFileCheck } = await import('../../src/cli/duty-files.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { confirm } = await import('../../src/cli/prompts.js');
    const { startProgress } = await import('../../src/cli/progress.js');
    const { setUpStack } = await import('../../src/stack/setup.js');
    const { planAndKeep } = await import('../../src/stack/plan-and-keep.js');
    const { planLines } = await import('../../src/stack/text/plan-lines.js');
    const { planJson } = await import('../../src/stack/plan-model.js');
    const { signal, dispose } = interruptible();
    const room = setUpStack({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      checkFiles: dutyFileCheck(() => import('../../src/registry.js')),
    });
    const progress = startProgress('asking AWS what would change', {
      quiet: this.jsonEnabled() || !process.stderr.isTTY,
    });
    const allow = async (bucket: string) => {
      progress.done();
      await confirm(`The template is large: make the private bucket ${bucket} for it?`, this.flags);
    };
    const plan = await room
      .planRequest({ allow })
      .then((request) =>
        planAndKeep(room.engine, { ...request, onFailure: this.flags['on-failure'] }, this.flags.out),
      )
      .finally(() => progress.done());
    dispose();
    for (const line of planLines(plan)) this.log(line);
    for (const warning of plan.warnings) this.warn(warning);
    if (plan.pending !== null && this.flags.out !== undefined)
      this.log(`kept until ${plan.pending.expiresAt}: roc provision apply ${this.flags.out}`);
    if (plan.pending !== null && this.flags['detailed-exitcode']) this.endWith(3);
    return planJson(plan, plan.pending === null ? null : (this.flags.out ?? null));
  }
}
