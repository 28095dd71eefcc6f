import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { scaleFlags, scaleOptions } from '../../src/cli/scale-flags.js';

export default class ScalePlan extends RocCommand<typeof ScalePlan> {
  static override summary = 'show what capacity is needed now, why, and what stands in its way';
  static override description =
    'Changes nothing. The plan may be applied for five minutes. Refused (4) where something else moves the group.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --policy scale.yaml --json',
    '<%= config.bin %> <%= command.id %> --native',
  ];
  static override flags = {
    ...scaleFlags,
    native: Flags.boolean({ summary: "the commands that make AWS's own scaling a floor" }),
  };

  async run(): Promise<unknown> {
    const { openScale } = await import('../../src/scale/room.js');
    const { makePlan } = await import('../../src/scale/plan.js');
    const { dataColumns, planFields, railColumns } = await import('../../src/scale/text.js');
    const options = await scaleOptions({
      ...{ config: await this.rocConfig(), flags: this.flags, root: this.config.root },
      ...{ userAgent: this.config.userAgent, log: this.roomLog() },
    });
    const room = await openScale(options);
    const record = room.bucket === null ? null : await room.parts.lease.look().catch(this.withoutLease);
    const { plan } = await makePlan(room.parts, record);
    const advice = await room.databaseAdvice().catch(this.withoutAdvice);
    this.fields(planFields(plan));
    this.log();
    await this.table(plan.rails, railColumns, 'no rail spoke');
    this.log();
    await this.table(plan.data, dataColumns, 'no data was asked for');
    if (advice !== null) this.log(`\nadvised, and done by nobody: ${advice}`);
    const steps = plan.native ?? [];
    if (this.flags.native) for (const { command } of steps) this.log(`\n${command}`);
    else if (steps.length > 0)
      this.log(`\nAWS's own floor lacks ${steps.map(({ id }) => id).join(', ')}: see --native`);
    return { ...plan, advice: advice === null ? [] : [advice] };
  }

  // Without it the decision is made from the past in CloudWatch alone.
  private readonly withoutLease = (error: Error): null =>
    this.without('the lease, and with it what was decided before,', error);
  private readonly withoutAdvice = (error: Error): null => this.without('the past of the database', error);

  private without(what: string, { message }: Error): null {
    this.warn(`${what} cannot be read: ${message}`);
    return null;
  }
}
